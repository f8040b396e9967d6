import { createLogger, format, type Logger, transports } from 'winston';

/** JSON lines on stderr: stdout carries only the line that says the webhook is ready. */
export function openLog(level: string): Logger {
  return createLogger({
    level,
    format: format.combine(format.timestamp(), format.json()),
    transports: [new transports.Stream({ stream: process.stderr })],
  });
}
