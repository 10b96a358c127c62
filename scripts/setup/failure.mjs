/** Something the person at the keyboard can act on: a key of the text table and its facts. */
export class Failure extends Error {
  constructor(key, facts = {}) {
    super(key);
    this.key = key;
    this.facts = facts;
  }
}
