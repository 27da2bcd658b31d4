// Who may sign when (sections 5, 6.3 and 13 step 6).

import { Bad, Key, POSSESSION, TYPES, base64, demand, dsse, isHex64, isObject, isText, isTime, sha256 }
  from "./forms.mjs";

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
  const second = pq ? `,"post_quantum":"${sha256(pq).toString("hex")}"` : "";
  const body = Buffer.from(`{"key":"${key.id}","log":${JSON.stringify(origin)}${second}}`);
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

const counts = (held, time) => held.voidFrom === null || time < held.voidFrom;

/** Section 6.4. */
export class Keyring {
  constructor(origin, find) {
    this.origin = origin;
    this.find = find;
    this.held = new Map();
    this.named = new Set();
    this.waiting = new Map();
    this.refused = new Set();
    this.approved = new Map();
    this.twoPerson = [];
    this.opening = null;
  }

  inForce() {
    return [...this.held.values()].filter((held) => held.ended === null);
  }

  put(holding, vouchers, person = holding.key.id) {
    const more = { vouchers, person, ended: null, voidFrom: null, acts: [], heads: [] };
    this.held.set(holding.key.id, { ...holding, ...more });
    this.named.add(holding.key.id);
  }

  open(body, leaf) {
    if (this.opening || body.type !== "case_open" || body.seq !== 0) return;
    try {
      this.put({ ...keyOf(body.facts.founder), roles: [], rights: RIGHTS, from: null, until: null }, []);
      this.opening = leaf;
    } catch (error) {
      if (!(error instanceof Bad)) throw error;
      this.find("signed", "SIGNER_UNKNOWN", "entry 0");
    }
  }

  objection(body) {
    const held = this.held.get(body.actor);
    if (!held) return "SIGNER_UNKNOWN";
    held.acts.push({ seq: body.seq, time: body.time });
    if (held.ended !== null) return "KEY_REVOKED";
    if ((held.from && body.time < held.from) || (held.until && body.time >= held.until)) return "KEY_EXPIRED";
    const keys = ["key_enrol", "key_revoke"].includes(body.type);
    if (!held.rights.includes(keys ? "keys" : isAnswer(body) ? "approve" : "act")) return "KEY_RIGHT";
    return held.roles.length && !held.roles.includes(body.role) ? "KEY_RIGHT" : null;
  }

  apply(body, leaf) {
    try {
      if (leaf === this.opening) this.rules(body);
      else if (this.waits(body)) this.propose(body, leaf);
      else if (isAnswer(body)) this.answer(body);
      else this.effect(body, [body]);
    } catch (error) {
      if (!(error instanceof Bad)) throw error;
      this.find("signed", "KEY_CLAIM", `entry ${body.seq}`);
    }
  }

  waits({ type, facts }) {
    const replaces = type === "key_enrol" && facts.replaces !== undefined && facts.replaces !== null;
    return this.twoPerson.includes(type) || (replaces && this.twoPerson.includes("key_revoke"));
  }

  rules({ facts, actor, time }) {
    const types = facts.two_person === undefined ? [] : facts.two_person;
    demand(Array.isArray(types) && types.every(isText), "not a rule");
    const cannot = ["case_open", "annotate", "recovery"];
    demand(types.every((type) => TYPES.has(type) && !cannot.includes(type)), "it cannot wait");
    demand(!types.length || types.includes("key_enrol"), "it lacks key_enrol");
    const items = facts.approvers === undefined ? [] : facts.approvers;
    demand(Array.isArray(items) && items.length <= 16, "not approvers");
    const found = items.map((item) => enrolment(item, this.origin));
    const ids = [...this.held.keys(), ...found.map(({ key }) => key.id)];
    demand(new Set(ids).size === ids.length, "a key is there twice");
    const all = [...this.inForce(), ...found.map((one) => ({ ...one, person: one.key.id }))];
    this.somebody(all, types.length > 0);
    this.twoPerson = types;
    for (const one of found) this.put(one, [{ key: actor, time }]);
  }

  propose(body, leaf) {
    if (body.type === "key_enrol") this.named.add(this.enrolment(body).key.id);
    else if (body.type === "key_revoke") this.revocation(body);
    this.waiting.set(body.seq, { body, leaf });
  }

  answer(body) {
    const { seq, entry, kind } = body.facts;
    demand(Number.isInteger(seq) && isHex64(entry), "it names no entry");
    const asked = this.waiting.get(seq);
    demand(asked && asked.leaf === entry, "no answer to that");
    demand(this.held.get(asked.body.actor).person !== this.held.get(body.actor).person, "the same person's");
    if (kind === "refusal") this.refused.add(seq);
    else {
      this.effect(asked.body, [asked.body, body]);
      this.approved.set(seq, { asked, approval: body });
    }
    this.waiting.delete(seq);
  }

  enrolment({ facts }) {
    demand(facts.replaces === undefined || facts.replaces === null || isHex64(facts.replaces), "it replaces no key");
    return enrolment(facts.enrols, this.origin);
  }

  revocation({ facts, time }) {
    demand(isHex64(facts.key) && isTime(facts.from) && facts.from <= time, "not a revocation");
    demand(REASONS.includes(facts.reason), "not a reason");
    return facts;
  }

  effect(body, by) {
    if (body.type === "key_enrol") this.enrol(body, by);
    else if (body.type === "key_revoke") this.revoke(this.revocation(body), by[by.length - 1]);
  }

  enrol(body, by) {
    const found = this.enrolment(body), old = body.facts.replaces ?? null;
    const vouchers = by.map(({ actor, time }) => ({ key: actor, time }));
    demand(!this.held.has(found.key.id) && this.held.size < 1000, "it was there before, or one too many");
    if (old === null) return this.put(found, vouchers);
    const before = this.held.get(old);
    demand(before && before.ended === null, "not a key in force");
    demand(by.length < 2 || by[1].actor !== old, "it ends its own key");
    const staying = this.inForce().filter((held) => held !== before);
    this.somebody([...staying, { ...found, person: before.person }], this.twoPerson.length > 0);
    before.ended = by[by.length - 1].seq;
    return this.put(found, vouchers, before.person);
  }

  revoke({ key, from }, by) {
    const held = this.held.get(key);
    demand(held && (held.ended === null || counts(held, from)), "not a key to end");
    const fallen = this.fallen(key, from);
    demand(!fallen.has(by.actor), "it ends its own key");
    this.somebody(this.inForce().filter((one) => !fallen.has(one.key.id)), this.twoPerson.length > 0);
    for (const [name, since] of fallen) this.makeVoid(this.held.get(name), since, by.seq);
    for (const [seq, { asked, approval }] of [...this.approved])
      if (!counts(this.held.get(approval.actor), approval.time)) {
        this.approved.delete(seq);
        if (!["key_enrol", "key_revoke"].includes(asked.body.type)) this.waiting.set(seq, asked);
      }
    for (const [seq, { body }] of [...this.waiting])
      if (!counts(this.held.get(body.actor), body.time)) this.waiting.delete(seq);
  }

  fallen(key, from) {
    const found = new Map([[key, from]]);
    for (let again = true; again; ) {
      again = false;
      for (const [name, held] of this.held) {
        if (found.get(name) === "" || held.voidFrom === "") continue;
        if (!held.vouchers.some((v) => found.has(v.key) && v.time >= found.get(v.key))) continue;
        found.set(name, "");
        again = true;
      }
    }
    return found;
  }

  makeVoid(held, since, at) {
    const fresh = ({ time }) => time >= since && counts(held, time);
    for (const act of held.acts.filter(fresh))
      if (held.ended === null || act.seq <= held.ended) this.find("signed", "KEY_REVOKED", `entry ${act.seq}`);
    for (const head of held.heads.filter(fresh)) this.find("signed", "KEY_REVOKED", head.name);
    held.voidFrom = since;
    if (held.ended === null) held.ended = at;
  }

  /** Somebody must be left for the keys and, with a rule, somebody else for the answers. */
  somebody(keys, second) {
    const lasting = keys.filter((held) => held.until === null);
    demand(lasting.some((one) => one.rights.includes("keys") && (!second ||
      lasting.some((other) => other.rights.includes("approve") && other.person !== one.person))), "nobody is left");
  }
}
