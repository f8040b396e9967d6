import { ConflictTeller } from './conflict-teller.ts';

function trial(conflict: (ip: string) => Promise<void>) {
  let claims = [
    { ip: '10.9.0.7', mac: '52:54:00:12:34:56', at: 0 },
    { ip: '10.9.0.8', mac: '52:54:00:12:34:57', at: 0 },
  ];
  const warnings: object[] = [];
  const teller = new ConflictTeller({
    state: {
      claimsToTell: () => claims,
      claimTold: (claim) => {
        claims = claims.filter((each) => each !== claim);
      },
    },
    server: { conflict },
    isRefusal: (error) => error instanceof RangeError,
    log: { warn: (_, facts) => warnings.push(facts) },
  });
  return { teller, warnings, left: () => claims.map(({ ip }) => ip) };
}

test('what the server has taken is told no more; what it refuses is logged and told no more', async () => {
  const { teller, warnings, left } = trial(async (ip) => {
    if (ip === '10.9.0.7') {
      throw new RangeError('no such subnet');
    }
  });
  await teller.tell();
  expect(left()).toEqual([]);
  expect(warnings).toEqual([{ ip: '10.9.0.7', mac: '52:54:00:12:34:56', reason: 'no such subnet' }]);
});

test('while the server is away nothing is lost', async () => {
  const { teller, left } = trial(async (ip) => {
    if (ip === '10.9.0.8') {
      throw new Error('away');
    }
  });
  await expect(teller.tell()).rejects.toThrow('away');
  expect(left()).toEqual(['10.9.0.8']);
});
