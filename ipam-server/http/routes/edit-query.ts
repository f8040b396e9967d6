import { type TObject, Type } from 'typebox';
import type { DryRun } from '../../../schema/dry-run.ts';
import type { Effect } from '../../ledger/edits/effect.ts';

/** What a kind of object takes in the query of an edit. */
interface EditTakes {
  readonly drain: boolean;
  readonly dryRun: boolean;
}

/** The query of an edit as it was asked. */
export interface EditQuery {
  readonly drain?: boolean;
  readonly dryRun?: boolean;
}

export function editQuery({ drain, dryRun }: EditTakes): TObject {
  return Type.Object(
    {
      ...(drain
        ? {
            drain: Type.Optional(
              Type.Boolean({
                description:
                  'Give no more of the addresses that go, and let those that are in use end, instead of 409.',
              }),
            ),
          }
        : {}),
      ...(dryRun
        ? {
            dryRun: Type.Optional(
              Type.Boolean({
                description: 'Write nothing and answer what the edit would come to, in `dryRun`.',
              }),
            ),
          }
        : {}),
    },
    { additionalProperties: false },
  );
}

/** How many users an answer lists. */
const listed = 100;

/** What an edit would come to, as `?dryRun=true` answers it. */
export function dryRunOf({ before, after, lost, live }: Effect): DryRun {
  return {
    addresses: { before, after, lost },
    live: live.slice(0, listed).map(({ kind, name, node, pod, addresses = [] }) => ({
      // Nothing else has addresses: ranges and reservations stand in the way instead.
      kind: kind === 'reserve' ? 'reserve' : 'allocation',
      name,
      ...(node === undefined ? {} : { node }),
      ...(pod === undefined ? {} : { pod }),
      addresses: [...addresses],
    })),
    liveCount: live.length,
  };
}
