import { type FailureReasonsQuery, RetryFailedDocument, type RetryFailedMutation } from '#sdk';
import { type ReactNode, useEffect, useState } from 'react';
import { useAction } from '../live/act.js';
import { Button } from '../parts/button.js';
import { Dialog, DialogButtons } from '../parts/dialog.js';
import { Problem } from '../parts/panel.js';
import { counted } from '../words/count.js';

interface Props {
  readonly reason: FailureReasonsQuery['failureReasons'][number];
  readonly onClose: () => void;
}

type Retried = RetryFailedMutation['retryFailed'];

/** The most that the API retries at once: all of them are meant. */
const ALL = 1_000_000;

/** Shows how many a retry would take before it is done, and how many it took after. */
export function RetryDialog({ reason: { code, state, message }, onClose }: Props): ReactNode {
  const { run: count, problem: noCount } = useAction(RetryFailedDocument);
  const retry = useAction(RetryFailedDocument);
  const [matched, setMatched] = useState<number | null>(null);
  const [done, setDone] = useState<Retried | null>(null);
  // Counted when it opens and not again: a number that changes under the finger is no preview.
  useEffect(() => {
    const input = { filter: { states: [state], errorCodes: [code] }, limit: ALL, dryRun: true };
    void count({ input }).then((answer) => setMatched(answer?.retryFailed.matched ?? null));
  }, [count, state, code]);
  const confirm = async (): Promise<void> => {
    const input = { filter: { states: [state], errorCodes: [code] }, limit: ALL, dryRun: false };
    const answer = await retry.run({ input });
    if (answer) setDone(answer.retryFailed);
  };
  const problem = noCount ?? retry.problem;
  return (
    <Dialog title={`Retry ${code}`} onClose={onClose}>
      {message !== null && <p className="reason">{message}</p>}
      <p role="status">{outcome(matched, done)}</p>
      {problem !== null && <Problem>{problem}</Problem>}
      <DialogButtons>
        <Button onClick={onClose}>{done ? 'Close' : 'Cancel'}</Button>
        {!done && (
          <Button
            look="strong"
            icon="again"
            busy={matched === null || retry.busy}
            disabled={matched === 0}
            onClick={() => void confirm()}
          >
            {matched === null ? 'Retry' : `Retry ${counted(matched, 'message')}`}
          </Button>
        )}
      </DialogButtons>
    </Dialog>
  );
}

function outcome(matched: number | null, done: Retried | null): string {
  if (done) return outcomeOf(done);
  if (matched === null) return 'Counting; nothing is changed yet.';
  if (matched === 0) return 'There is none left to retry.';
  return `${counted(matched, 'message')} would be sent again, each with a fresh set of tries. Nothing is changed yet.`;
}

function outcomeOf({ retried, run }: Retried): string {
  const queued = `${counted(retried ?? 0, 'message is', 'messages are')} on the way again, each with a fresh set of tries.`;
  return run?.status === 'RUNNING' ? `${queued} The others follow.` : queued;
}
