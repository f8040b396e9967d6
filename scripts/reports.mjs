// What a test runner's report says of each file: how many tests passed, failed and were skipped, and which failed.

/** @typedef {{file: string, passed: number, failed: number, skipped: number, failing: string[], seconds: number}} FileResult */

/** A file that failed as a whole: it could not be loaded, or a hook outside its tests failed. */
const whole = '(the file as a whole)';

/**
 * Reads Jest's `--json` report.
 * @param {{testResults: {name: string, status: string, startTime: number, endTime: number,
 *   assertionResults: {fullName: string, status: string}[]}[]}} report
 * @returns {FileResult[]}
 */
export function jestFiles(report) {
  return report.testResults.map(({ name, status, startTime, endTime, assertionResults }) => {
    const failing = assertionResults.filter((each) => each.status === 'failed').map((each) => each.fullName);
    const passed = assertionResults.filter((each) => each.status === 'passed').length;
    return fileResult(name, status !== 'failed', {
      passed,
      skipped: assertionResults.length - passed - failing.length,
      failing,
      seconds: (endTime - startTime) / 1000,
    });
  });
}

/**
 * Reads Bun's JUnit report of a single file.
 * @param {string} file
 * @param {string} xml empty where the file could not be loaded
 * @param {boolean} succeeded whether Bun ended with 0: an error outside of tests is not in its report
 * @param {number} seconds that it took
 * @returns {FileResult}
 */
export function bunFile(file, xml, succeeded, seconds) {
  const cases = [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes = '', inner = '']) => ({
      name: plain(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''),
      failed: /<(failure|error)\b/.test(inner),
      skipped: /<skipped\b/.test(inner),
    }),
  );
  const failing = cases.filter((each) => each.failed).map((each) => each.name);
  const skipped = cases.filter((each) => each.skipped).length;
  const passed = cases.length - failing.length - skipped;
  return fileResult(file, succeeded, { passed, skipped, failing, seconds });
}

/**
 * Of a file whose runner failed: there is no report.
 * @param {string} file
 * @returns {FileResult}
 */
export function failedWhole(file) {
  return fileResult(file, false, { passed: 0, skipped: 0, failing: [], seconds: 0 });
}

function fileResult(file, succeeded, { passed, skipped, failing, seconds }) {
  const all = failing.length === 0 && !succeeded ? [whole] : failing;
  return { file, passed, failed: all.length, skipped, failing: all, seconds };
}

function plain(xml) {
  const signs = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
  return xml.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (sign) => signs[sign]);
}
