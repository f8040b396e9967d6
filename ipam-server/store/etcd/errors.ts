import { type ServiceError, status } from '@grpc/grpc-js';

/** What another member, or the same a little later, may answer well. */
const passing: ReadonlySet<number> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
  status.INTERNAL,
  status.UNKNOWN,
]);

/** Reports whether a token is of no use any more, and the next one is; also where etcd's users were changed since. */
export function isOfOldToken({ code, details = '' }: ServiceError): boolean {
  return code === status.UNAUTHENTICATED || details.includes('revision of auth store is old');
}

/** Reports whether it is worth asking again. */
export function isPassing(error: ServiceError): boolean {
  const { code, details = '' } = error;
  // Too much at a time passes; a full quota, which has the same code, doesn't.
  const mayPass = passing.has(code) || isOfOldToken(error) || details.includes('too many requests');
  return mayPass && !/permission denied|authentication failed/.test(details);
}

/** Reports whether etcd took nothing, for want of room. */
export function isFull({ details = '' }: Partial<ServiceError>): boolean {
  return details.includes('database space exceeded');
}

/** etcd's error in words that say what to do, where it is known. */
export function meaningOf(error: ServiceError): string {
  const details = error.details ?? error.message;
  if (isFull({ details })) {
    return 'its space quota is used up (NOSPACE): compact, defragment and disarm the alarm, or raise --quota-backend-bytes';
  }
  if (error.code === status.PERMISSION_DENIED) {
    return `the user may not do this (${details})`;
  }
  if (error.code === status.DEADLINE_EXCEEDED) {
    return 'no member answered in time';
  }
  // grpc-js wraps what the machine said into words of its own.
  return /Last error: (?:Error: )?(.*?)\. Resolution note/s.exec(details)?.[1] ?? details;
}
