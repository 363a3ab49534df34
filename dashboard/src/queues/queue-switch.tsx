import { PauseQueueDocument, ResumeQueueDocument } from '#sdk';
import { type ReactNode, useState } from 'react';
import { useAction } from '../live/act.js';
import { Button } from '../parts/button.js';
import { Dialog, DialogButtons } from '../parts/dialog.js';
import { Problem } from '../parts/panel.js';
import { counted } from '../words/count.js';
import type { LiveQueue } from './live-queue.js';

/** Pauses a queue, after a question, or resumes it. */
export function QueueSwitch({ queue: { name, paused, counts } }: { readonly queue: LiveQueue }): ReactNode {
  const pause = useAction(PauseQueueDocument);
  const resume = useAction(ResumeQueueDocument);
  const [asking, setAsking] = useState(false);
  const confirm = async (): Promise<void> => {
    if (await pause.run({ input: { name } })) setAsking(false);
  };
  if (paused)
    return (
      <>
        <Button
          look="quiet"
          icon="resume"
          busy={resume.busy}
          aria-label={`Resume ${name}`}
          onClick={() => void resume.run({ input: { name } })}
        >
          Resume
        </Button>
        {resume.problem !== null && <Problem>{resume.problem}</Problem>}
      </>
    );
  return (
    <>
      <Button look="quiet" icon="pause" aria-label={`Pause ${name}`} onClick={() => setAsking(true)}>
        Pause…
      </Button>
      {asking && (
        <Dialog title={`Pause ${name}?`} onClose={() => setAsking(false)}>
          <p>
            Nothing of it is sent until somebody resumes it.{' '}
            {counted(
              counts.queued + counts.retrying,
              'message that is due waits',
              'messages that are due wait',
            )}{' '}
            meanwhile, and may be late.
          </p>
          {pause.problem !== null && <Problem>{pause.problem}</Problem>}
          <DialogButtons>
            <Button onClick={() => setAsking(false)}>Cancel</Button>
            <Button look="strong" icon="pause" busy={pause.busy} onClick={() => void confirm()}>
              Pause {name}
            </Button>
          </DialogButtons>
        </Dialog>
      )}
    </>
  );
}
