/** Tells of each test file when it is done, and of a failed one why; the sums are in the table at the end. */
export default class Reporter {
  onTestResult(test, result, { numTotalTestSuites, numPassedTestSuites, numFailedTestSuites }) {
    const { rootDir } = test.context.config;
    const failed = result.failureMessage !== null && result.failureMessage !== undefined;
    const count = `${numPassedTestSuites + numFailedTestSuites}/${numTotalTestSuites}`;
    const seconds = ((result.perfStats.end - result.perfStats.start) / 1000).toFixed(1);
    console.log(
      `${failed ? 'FAIL' : 'PASS'} ${count} ${result.testFilePath.replace(`${rootDir}/`, '')} (${seconds} s)`,
    );
    for (const { message, origin } of result.console ?? []) {
      console.log(`  ${message}\n${failed ? origin : ''}`.trimEnd());
    }
    if (failed) {
      console.log(result.failureMessage);
    }
  }
}
