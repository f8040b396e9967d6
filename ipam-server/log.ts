import { createLogger, format, type Logger, transports } from 'winston';

/** Structured logs on stderr, one JSON object a line; stdout has the ready line alone. */
export function makeLog(level: string): Logger {
  return createLogger({
    level,
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}
