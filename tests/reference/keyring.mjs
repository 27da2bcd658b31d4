// Who may sign when (sections 5, 6.3 and 13 step 6).

import { Bad, Key, POSSESSION, base64, demand, dsse, isCount, isHex64, isObject, isText, isTime } from "./forms.mjs";

const RIGHTS = ["act", "approve", "keys"];
const REASONS = ["superseded", "compromised", "lost", "left", "other"];

function keyOf(value) {
  demand(isObject(value) && isText(value.public), "not a key object");
  const key = Key.read(value.public);
  demand(value.algorithm === key.algorithm, "another algorithm");
  demand(value.key === undefined || value.key === null || value.key === key.id, "another key id");
  let pq = null;
  if (value.post_quantum !== undefined && value.post_quantum !== null) {
    pq = base64(value.post_quantum);
    demand(pq.length === 1312, "not an ML-DSA-44 key");
  }
  return { key, pq };
}

export function enrolment(value, origin) {
  const { key, pq } = keyOf(value);
  const body = Buffer.from(`{"key":"${key.id}","log":${JSON.stringify(origin)}}`);
  demand(key.isSigned(dsse(POSSESSION, body), base64(value.possession)), "no proof of possession");
  const { roles, rights } = value;
  demand(Array.isArray(roles) && roles.length <= 16, "not roles");
  demand(roles.every((role) => isText(role) && /^[a-z]{2,20}(-[a-z]{1,20})?$/.test(role)), "not roles");
  demand(Array.isArray(rights) && rights.length <= 3 && rights.every((right) => RIGHTS.includes(right)), "not rights");
  const bounds = [value.not_before, value.not_after].map((bound) => bound ?? null);
  demand(bounds.every((bound) => bound === null || isTime(bound)), "not a validity");
  return { key, pq, roles, rights, from: bounds[0], until: bounds[1] };
}

const isAnswer = (body) => body.type === "annotate" && ["approval", "refusal"].includes(body.facts.kind);

export class Keyring {
  constructor(origin, find) {
    this.origin = origin;
    this.find = find;
    this.held = new Map();
    this.waiting = new Map();
    this.twoPerson = [];
    this.opened = false;
  }

  put(holding) {
    demand(!this.held.has(holding.key.id), "the key was there before");
    this.held.set(holding.key.id, { ...holding, ended: false, acts: [], heads: [] });
  }

  open(body) {
    if (this.opened || body.type !== "case_open" || body.seq !== 0) return;
    try {
      this.put({ ...keyOf(body.facts.founder), roles: [], rights: RIGHTS, from: null, until: null });
      this.opened = true;
    } catch (error) {
      if (!(error instanceof Bad)) throw error;
      this.find("signed", "SIGNER_UNKNOWN", "entry 0");
    }
  }

  objection(body) {
    const held = this.held.get(body.actor);
    if (!held) return "SIGNER_UNKNOWN";
    held.acts.push({ seq: body.seq, time: body.time });
    if (held.ended) return "KEY_REVOKED";
    if ((held.from && body.time < held.from) || (held.until && body.time >= held.until)) return "KEY_EXPIRED";
    const keys = ["key_enrol", "key_revoke"].includes(body.type);
    if (!held.rights.includes(keys ? "keys" : isAnswer(body) ? "approve" : "act")) return "KEY_RIGHT";
    return held.roles.length && !held.roles.includes(body.role) ? "KEY_RIGHT" : null;
  }

  apply(body, leaf) {
    try {
      if (body.seq === 0) this.rules(body.facts);
      else if (this.twoPerson.includes(body.type)) this.waiting.set(body.seq, { body, leaf });
      else if (this.twoPerson.length && isAnswer(body)) this.answer(body);
      else this.effect(body, body.seq);
    } catch (error) {
      if (!(error instanceof Bad)) throw error;
      this.find("signed", "KEY_CLAIM", `entry ${body.seq}`);
    }
  }

  rules(facts) {
    const types = facts.two_person === undefined ? [] : facts.two_person;
    demand(Array.isArray(types) && types.every(isText), "not a rule");
    this.twoPerson = types;
    for (const item of Array.isArray(facts.approvers) ? facts.approvers : []) this.put(enrolment(item, this.origin));
  }

  answer(body) {
    const { seq, entry, kind } = body.facts;
    demand(isCount(seq) && isHex64(entry), "it names no entry");
    const asked = this.waiting.get(seq);
    demand(asked && asked.leaf === entry && asked.body.actor !== body.actor, "no answer to that");
    this.waiting.delete(seq);
    if (kind === "approval") this.effect(asked.body, body.seq);
  }

  effect(body, at) {
    const { facts } = body;
    if (body.type === "key_enrol") {
      this.put(enrolment(facts.enrols, this.origin));
      if (facts.replaces !== undefined && facts.replaces !== null) this.end(facts.replaces);
    } else if (body.type === "key_revoke") {
      demand(isHex64(facts.key) && isTime(facts.from) && facts.from <= body.time, "not a revocation");
      demand(REASONS.includes(facts.reason), "not a reason");
      const held = this.end(facts.key);
      for (const act of held.acts)
        if (act.time >= facts.from && act.seq !== at) this.find("signed", "KEY_REVOKED", `entry ${act.seq}`);
      for (const head of held.heads)
        if (head.time >= facts.from) this.find("signed", "KEY_REVOKED", head.name);
    }
  }

  end(id) {
    const held = this.held.get(id);
    demand(held && !held.ended, "not a key in force");
    held.ended = true;
    return held;
  }
}
