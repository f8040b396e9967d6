import { createLogger, format, type Logger, transports } from 'winston';

/** From the least to the most that is told. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/** Structured logs on stderr, one JSON object a line; stdout has the ready line alone. */
export function openLog(level: string): Logger {
  // Whoever collects the log may die (EPIPE); the service is worth more than its log.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => {});
  }
  return createLogger({
    level,
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Stream({ stream: process.stderr })],
  });
}
