import fc from 'fast-check';
import type { Operation } from './description.ts';

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is walked by names that the standard fixes.
type Json = any;

/** A call as it is made from an operation’s description. */
export interface FuzzCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Absent where nothing is sent. */
  readonly raw?: string;
}

/** Texts that the suite’s ledger knows, so that calls meet what is there; of each format some that are good. */
const known: Readonly<Record<string, readonly string[]>> = {
  ip: ['10.9.1.0', '10.9.1.1', '10.9.1.7', '10.9.0.1', '10.9.255.255', 'fd00:9::1', '0.0.0.0', '::'],
  cidr: ['10.9.0.0/16', '10.8.0.0/24', 'fd00:9::/64', '10.7.0.0/31', '0.0.0.0/0'],
  'ip-with-prefix': ['10.9.1.7/16'],
  'ip-range': ['10.9.1.7', '10.9.1.0-10.9.1.9', '10.8.0.1-10.8.0.9'],
  mac: ['0a:58:0a:09:01:07', '02:00:00:00:00:01'],
  'seen-mac': ['52:54:00:12:34:56', 'ff:ff:ff:ff:ff:ff'],
  'mac-prefix': ['0a:58', '02:01'],
  'dns-1123-subdomain': ['real', 'lan', 'six', 'shared', 'n1', 'n2', 'other'],
  'cni-name': ['realip', 'c1', 'c2', 'c3'],
  'device-name': ['eth0', 'net1'],
  'date-time': ['2026-11-21T10:00:00Z', '2999-01-01T00:00:00.000Z', '1970-01-01T00:00:00Z'],
};

/** What nobody means and somebody sends. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      '',
      ' ',
      '\u0000',
      '..',
      '%',
      '%2f',
      '__proto__',
      'constructor',
      "';--",
      '=1+1',
      '\ud800',
      'ä'.repeat(8),
    ],
    ...['a'.repeat(300), '010.9.1.1', '10.9.1.1/33', 'fe80::1%eth0', '::ffff:10.9.1.1', '1e3', '-1', 'NaN'],
    ...[0, -1, 1.5, 1e308, 2 ** 53, true, false, null, [], {}, [[]], { __proto__: null, a: 1 }],
  ),
  fc.string({ unit: 'binary', maxLength: 16 }),
  fc.jsonValue({ maxDepth: 2 }),
);

const some = <Value>(arbitrary: fc.Arbitrary<Value>, hostileWeight: number) =>
  fc.oneof({ weight: 20, arbitrary }, { weight: hostileWeight, arbitrary: hostile });

/** Mostly what a schema allows, also at its bounds, and now and then what it does not. */
export function valuesOf(schema: Json, hostileWeight = 1): fc.Arbitrary<unknown> {
  const part = (each: Json) => valuesOf(each, hostileWeight);
  if (schema?.const !== undefined) {
    return some(fc.constant(schema.const), hostileWeight);
  }
  if (schema?.enum !== undefined) {
    return some(fc.constantFrom(...schema.enum), hostileWeight);
  }
  if (schema?.anyOf !== undefined) {
    return fc.oneof(...schema.anyOf.map(part));
  }
  switch (schema?.type) {
    case 'object':
      return some(objectOf(schema, part), hostileWeight);
    case 'array': {
      const items = fc.array(part(schema.items), { minLength: schema.minItems ?? 0, maxLength: 4 });
      return some(items, hostileWeight);
    }
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = 1_000_000 } = schema;
      const bounds = fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1);
      return some(fc.oneof(fc.integer({ min: minimum, max: maximum }), bounds), hostileWeight);
    }
    case 'boolean':
      return some(fc.boolean(), hostileWeight);
    case 'string':
      return some(textOf(schema), hostileWeight);
    default:
      return hostile;
  }
}

function textOf({ format, examples = [], maxLength = 40 }: Json): fc.Arbitrary<unknown> {
  const texts = known[format] ?? examples;
  const free = fc.oneof(
    fc.string({ maxLength: Math.min(maxLength, 40) }),
    fc.constantFrom('x'.repeat(Math.min(maxLength, 5000)), 'x'.repeat(Math.min(maxLength, 5000) + 1)),
  );
  return texts.length === 0 ? free : fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...texts) }, free);
}

function objectOf(schema: Json, part: (schema: Json) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], patternProperties } = schema;
  const members = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, part(each)]));
  const whole = fc.record(members, { requiredKeys: required });
  const partial = fc.record(members, { requiredKeys: [] });
  const strange = fc.tuple(whole, fc.constantFrom('colour', '__proto__', 'Name', ''), hostile);
  const plain = fc.oneof(
    { weight: 16, arbitrary: whole },
    { weight: 1, arbitrary: partial },
    {
      weight: 1,
      arbitrary: strange.map(([object, name, value]) =>
        Object.assign(Object.create(null), object, { [name]: value }),
      ),
    },
  );
  if (patternProperties === undefined) {
    return plain;
  }
  const values = Object.values<Json>(patternProperties).map(part);
  return fc.dictionary(fc.string({ maxLength: 10 }), fc.oneof(...values), { maxKeys: 3 });
}

const textIn = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Percent-encoded, dots too, lest the client take `..` for a step up; a lone surrogate has no encoding. */
function encoded(value: unknown): string {
  return encodeURIComponent(textIn(value).replace(/\p{Surrogate}/gu, '?')).replaceAll('.', '%2E');
}

/** Calls of an operation: valid, nearly valid, hostile. */
export function callsOf({ method, template, description }: Operation): fc.Arbitrary<FuzzCall> {
  const parameters: Json[] = description.parameters ?? [];
  const ofPlace = (place: string): fc.Arbitrary<Record<string, unknown>> =>
    fc.record<Record<string, unknown>>(
      Object.fromEntries(
        parameters.filter((each) => each.in === place).map(({ name, schema }) => [name, valuesOf(schema)]),
      ),
      place === 'path' ? {} : { requiredKeys: [] },
    );
  const [[usual, media] = ['application/json', undefined]] = Object.entries<Json>(
    description.requestBody?.content ?? {},
  );
  const body =
    media === undefined
      ? fc.constant(undefined)
      : fc.option(valuesOf(media.schema), { freq: 30, nil: undefined });
  const type = fc.oneof(
    { weight: 40, arbitrary: fc.constant(usual) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('text/plain', 'text/csv', 'application/json; charset=utf-8', 'x'),
    },
  );
  const extra = fc.oneof(
    { weight: 20, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('colour=red', 'limit=1&limit=2', '=', '__proto__=1', '%ff') },
  );
  return fc
    .tuple(ofPlace('path'), ofPlace('query'), ofPlace('header'), body, type, extra)
    .map(([names, query, headers, value, contentType, more]) => {
      const path = template.replace(/\{([^}]+)\}/g, (_, name: string) => encoded(names[name]));
      const asked = Object.entries(query).map(([name, each]) => `${name}=${encoded(each)}`);
      const search = [...asked, ...(more === '' ? [] : [more])].join('&');
      return {
        method,
        path: search === '' ? path : `${path}?${search}`,
        headers: {
          ...Object.fromEntries(Object.entries(headers).map(([name, each]) => [name, headerText(each)])),
          ...(value === undefined ? {} : { 'content-type': contentType }),
        },
        ...(value === undefined ? {} : { raw: usual === 'text/csv' ? textIn(value) : JSON.stringify(value) }),
      };
    });
}

/** What Node’s client lets through in a header. */
function headerText(value: unknown): string {
  return textIn(value).replace(/[^\t\x20-\x7e]/g, '?');
}
