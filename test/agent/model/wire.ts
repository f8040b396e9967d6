import type { Call } from './step.ts';

/** A request under way, and its answer under way back. */
export interface Flight {
  readonly call: Call;
  /** Of the agent that sent it: another one doesn't hear the answer. */
  readonly life: number;
  readonly serve: () => unknown;
  readonly hear: (answer: unknown) => void;
  answer?: unknown;
}

/** What is under way between agent and server: late, lost, served twice, out of order. */
export class Wire {
  flights: Flight[] = [];

  /** One request of a kind at a time: the answer to an earlier one is waited for no more, though it may be served yet. */
  send(flight: Flight): void {
    const others = this.flights.filter(({ call, answer }) => call !== flight.call || answer === undefined);
    this.flights = [...others, flight].slice(-4);
  }

  /** The server takes it, perhaps once more. */
  serve(flight: Flight | undefined): void {
    if (flight !== undefined) {
      flight.answer = flight.serve();
    }
  }

  /** Only the last request of its kind is still listened for, by the agent that sent it. */
  hear(flight: Flight | undefined, life: number): void {
    const last = this.flights.filter(({ call }) => call === flight?.call).at(-1);
    if (flight?.answer === undefined || flight.life !== life || last !== flight) {
      return;
    }
    flight.hear(flight.answer);
    this.flights = this.flights.filter((each) => each !== flight);
  }

  /** Nothing of it arrives any more. */
  cut(): void {
    this.flights = [];
  }
}
