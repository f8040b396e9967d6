/** What HTTP/1.1 (RFC 9112) does not allow in an answer, or more than anyone should send us. */
export class AnswerFault extends Error {
  override readonly name = 'AnswerFault';

  /** @param words follow "the answer …" */
  constructor(words: string) {
    super(`the answer ${words}`);
  }
}
