// Typing a recorded trace through a stock provider, one transaction and one frame for each keystroke.
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import * as Y from 'yjs'
import { isLiveUpdate, updateOf } from './frames.mjs'

const folder = path.join(import.meta.dirname, '..', 'traces')

const surrogates = /[\ud800-\udfff]/

export const loadTrace = (name) => {
  const trace = JSON.parse(zlib.gunzipSync(fs.readFileSync(path.join(folder, `${name}.json.gz`))))
  trace.hasSurrogates = trace.txns.some((txn) => txn.patches.some((patch) => surrogates.test(patch[2])))
  return trace
}

/** Turns positions in code points into UTF-16 units; costs nothing while the text has no surrogates. */
const positions = (text, trace) => {
  if (!trace.hasSurrogates) return (position) => position
  return (position) => Array.from(text.toString()).slice(0, position).join('').length
}

const apply = (doc, text, unit, patches) => {
  doc.transact(() => {
    for (const [position, deleted, inserted] of patches) {
      const from = unit(position)
      if (deleted > 0) text.delete(from, unit(position + deleted) - from)
      if (inserted.length > 0) text.insert(from, inserted)
    }
  })
}

/**
 * Types a whole single-author trace. `owed()` is how many updates are on the way and not yet echoed; `anEcho()` resolves
 * at the next echo. At most `inFlight` are on the way at once.
 */
export const typeTrace = async (name, doc, text, { inFlight, owed, anEcho }) => {
  const trace = loadTrace(name)
  const unit = positions(text, trace)
  for (const { patches } of trace.txns) {
    while (owed() >= inFlight) await anEcho()
    apply(doc, text, unit, patches)
  }
  while (owed() > 0) await anEcho()
  return { edits: trace.txns.length, matches: text.toString() === trace.endContent }
}

/**
 * One agent of a recording by several: he types each transaction on top of exactly the transactions he had seen when it
 * was recorded. `waitFor(agent, count)` lets in the first `count` updates of another agent and resolves when they are in.
 */
export const typeAgent = async (name, agent, doc, text, { waitFor, inFlight, owed, anEcho }) => {
  const trace = loadTrace(name)
  const unit = positions(text, trace)
  const tally = { edits: 0, merges: 0 }
  for (const step of stepsOf(trace).filter((step) => step.agent === agent)) {
    for (const { other, count } of step.merges) await waitFor(other, count)
    tally.merges += step.merges.length
    while (owed() >= inFlight) await anEcho()
    apply(doc, text, unit, step.patches)
    tally.edits++
  }
  const made = stepsOf(trace).reduce((counts, step) => counts.with(step.agent, counts[step.agent] + 1), noneOf(trace))
  for (let other = 0; other < trace.numAgents; other++) if (other !== agent) await waitFor(other, made[other])
  while (owed() > 0) await anEcho()
  return { ...tally, matches: text.toString() === trace.endContent }
}

const noneOf = (trace) => new Array(trace.numAgents).fill(0)

/** The transactions in order, each with the merges its author makes just before: how many updates of whom he then has. */
const stepsOf = (trace) => {
  const after = []
  const made = noneOf(trace)
  const known = noneOf(trace).map(() => noneOf(trace))
  return trace.txns.map(({ agent, parents, patches }) => {
    const base = noneOf(trace)
    for (const parent of parents) after[parent].forEach((count, of) => { base[of] = Math.max(base[of], count) })
    const merges = []
    base.forEach((count, other) => {
      if (other === agent || count <= known[agent][other]) return
      known[agent][other] = count
      merges.push({ other, count })
    })
    after.push(base.with(agent, ++made[agent]))
    return { agent, patches, merges }
  })
}

/**
 * Plays the whole recording once without a network, so that each update of another agent is known by its bytes: with
 * given client ids Yjs makes the same bytes again. The answer is a gate that lets through only what has been allowed.
 */
export const rehearse = (name, self, clients) => {
  const trace = loadTrace(name)
  const docs = clients.map((clientID) => Object.assign(new Y.Doc(), { clientID }))
  const updates = clients.map(() => [])
  const had = clients.map(() => clients.map(() => 0))
  docs.forEach((doc, agent) => doc.on('update', (update, _origin, _doc, { local }) => {
    if (local) updates[agent].push(update)
  }))
  for (const { agent, merges, patches } of stepsOf(trace)) {
    for (const { other, count } of merges) {
      while (had[agent][other] < count) Y.applyUpdate(docs[agent], updates[other][had[agent][other]++])
    }
    const text = docs[agent].getText('text')
    apply(docs[agent], text, positions(text, trace), patches)
  }
  return new Others(updates, self)
}

/** Which updates of the other agents may come in, and which have. */
class Others {
  constructor (updates, self) {
    this.updates = updates
    this.self = self
    this.allowed = updates.map(() => 0)
    this.passed = updates.map(() => 0)
    this.index = updates.map((of) => {
      const places = new Map()
      of.forEach((update, place) => places.set(key(update), [...(places.get(key(update)) ?? []), place]))
      return places
    })
  }

  allow (agent, count) { this.allowed[agent] = count }

  mayPass (frame, doc) {
    if (!isLiveUpdate(frame)) return true
    const bytes = key(updateOf(frame))
    for (const [agent, places] of this.index.entries()) {
      if (agent === this.self) continue
      const place = places.get(bytes)?.find((place) => place >= this.passed[agent])
      if (place === undefined) continue
      if (place >= this.allowed[agent]) return false
      this.skipRepeated(agent, place, doc)
      if (place !== this.passed[agent]) throw new Error(`update ${this.passed[agent]} of agent ${agent} was skipped`)
      this.passed[agent]++
      return true
    }
    return true
  }

  has (agent, count, doc) {
    this.skipRepeated(agent, count, doc)
    return this.passed[agent] >= count
  }

  /** A deletion of what is deleted already is no news, and a server need not pass it on. */
  skipRepeated (agent, until, doc) {
    while (this.passed[agent] < until && isDone(this.updates[agent][this.passed[agent]], doc)) this.passed[agent]++
  }
}

const key = (update) => Buffer.from(update).toString('latin1')

const isDone = (update, doc) => {
  const { structs, ds } = Y.decodeUpdate(update)
  if (structs.length > 0) return false
  return [...ds.clients].every(([client, ranges]) => ranges.every(({ clock, len }) => {
    for (let at = clock; at < clock + len; at++) {
      if (at >= Y.getState(doc.store, client) || !Y.getItem(doc.store, Y.createID(client, at)).deleted) return false
    }
    return true
  }))
}
