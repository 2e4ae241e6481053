// One stock y-websocket client, commanded by JSON lines on stdin. Each command {id, do, …} is answered on stdout by
// {id, ok} or {id, error}; what happens by itself is told as {event, …}.
import readline from 'node:readline'
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import { yXmlFragmentToProsemirrorJSON } from 'y-prosemirror'
import { Owed } from './owed.mjs'
import { loadTrace, rehearse, typeAgent, typeTrace } from './trace.mjs'
import { watchedSocket } from './watched_socket.mjs'

const tell = (message) => process.stdout.write(JSON.stringify(message) + '\n')

/** The document, its provider, and what this client has seen of both. */
const peer = {
  doc: new Y.Doc(),
  provider: null,
  /** Close codes and reasons in the order they came. */
  closes: [],
  /** Texts of `2 0 reason` frames. */
  told: [],
  /** Tokens of others that this client has been shown, in order. */
  shown: [],
  bytesReceived: 0,
  /** While a function, decides which frames may pass the gate. */
  gate: null,
  /** The socket that is not read from, if there is one. */
  unread: null,
  undo: null
}
const owed = new Owed(peer.doc)
let waiting = []

/** Looks at every waiting condition again; called after anything has changed. */
const changed = () => {
  waiting = waiting.filter(({ holds, resolve }) => {
    if (!holds()) return true
    resolve()
    return false
  })
}
const until = (holds) => new Promise((resolve) => { waiting.push({ holds, resolve }); changed() })

const text = () => peer.doc.getText('text')
const page = () => peer.doc.getXmlFragment('default')

const tap = {
  mayPass: (frame) => peer.gate === null || peer.gate(frame),
  received: (frame) => {
    peer.bytesReceived += frame.byteLength
    if (frame[0] === 2 && frame[1] === 0) peer.told.push(Buffer.from(frame.subarray(3)).toString())
    owed.came(frame)
    // Conditions are about what the provider made of the frame, so they are looked at after it.
    setImmediate(changed)
  },
  closed: (code, reason) => {
    peer.closes.push({ code, reason })
    tell({ event: 'closed', code, reason })
    setImmediate(changed)
  }
}

peer.doc.on('afterTransaction', changed)

/** The texts that others inserted, one entry per piece, as the document shows them to this client. */
const watchTokens = () => {
  text().observe((event, transaction) => {
    if (transaction.local) return
    for (const { insert } of event.delta) {
      if (typeof insert === 'string') peer.shown.push(...insert.split(';').filter((token) => token !== ''))
    }
  })
}

const pace = {
  owed: () => owed.count(),
  anEcho: () => {
    const before = owed.echoes
    return until(() => owed.echoes > before)
  }
}

let typing = null

const commands = {
  /** Opens the provider: {url, room, params, client_id?, presence?}. */
  connect: ({ url, room, params = {}, client_id: clientId, presence }) => {
    if (clientId !== undefined) peer.doc.clientID = clientId
    watchTokens()
    peer.provider = new WebsocketProvider(url, room, peer.doc, {
      params, disableBc: true, WebSocketPolyfill: watchedSocket(tap), connect: false, maxBackoffTime: 500
    })
    // As every editor does. Before its first word about itself a client has clock 0, which other stock clients overlook.
    peer.provider.awareness.setLocalStateField('user', presence ?? {})
    peer.provider.awareness.on('change', changed)
    peer.provider.on('sync', changed)
    peer.provider.on('status', changed)
    peer.provider.connect()
    return { client_id: peer.doc.clientID }
  },
  params: ({ params }) => { peer.provider.params = params },
  disconnect: () => peer.provider.disconnect(),
  reconnect: () => peer.provider.connect(),
  synced: () => until(() => peer.provider.synced),
  /** Resolves when the server has closed a socket of this client with one of `codes` (any, if none are named). */
  closed: async ({ codes }) => {
    await until(() => peer.closes.some(({ code }) => codes === undefined || codes.includes(code)))
    return peer.closes
  },
  /** Resolves when every own update has come back. */
  saved: () => until(() => owed.count() === 0),
  closes: () => peer.closes,
  told: async ({ about }) => {
    await until(() => peer.told.some((words) => words.includes(about)))
    return peer.told
  },

  insert: ({ at, text: words }) => { text().insert(at ?? text().length, words) },
  delete: ({ at, length }) => { text().delete(at, length) },
  text: () => text().toString(),
  /** Resolves when the text (or the page's JSON) contains, lacks or equals what is asked. */
  until_text: ({ contains, lacks, equals }) => until(() => {
    const words = text().toString()
    return (contains === undefined || words.includes(contains)) && (lacks === undefined || !words.includes(lacks)) &&
      (equals === undefined || words === equals)
  }),
  /** The same for a text that is too long to be looked at after each edit. */
  until_length: ({ length }) => until(() => text().length === length),
  until_page: ({ contains, lacks }) => until(() => {
    const json = JSON.stringify(yXmlFragmentToProsemirrorJSON(page()))
    return (contains === undefined || json.includes(contains)) && (lacks === undefined || !json.includes(lacks))
  }),
  page: () => yXmlFragmentToProsemirrorJSON(page()),

  /** Puts blocks into the page: [{name, attributes, text, children}], as y-prosemirror stores them. */
  blocks: ({ at, blocks }) => { page().insert(at ?? page().length, blocks.map(element)) },
  remove_blocks: ({ at, length }) => { page().delete(at, length) },
  /** Types into the text at a path of child indexes. */
  write: ({ path, at, text: words, marks }) => { textAt(path).insert(at, words, marks) },
  erase: ({ path, at, length }) => { textAt(path).delete(at, length) },
  mark: ({ path, at, length, marks }) => { textAt(path).format(at, length, marks) },
  attribute: ({ path, name, value }) => { elementAt(path).setAttribute(name, value) },

  update: () => Buffer.from(Y.encodeStateAsUpdate(peer.doc)).toString('base64'),
  vector: () => Object.fromEntries([...Y.decodeStateVector(Y.encodeStateVector(peer.doc))]),
  pending: () => peer.doc.store.pendingStructs !== null || peer.doc.store.pendingDs !== null,
  apply: ({ update }) => { Y.applyUpdate(peer.doc, Buffer.from(update, 'base64')) },

  undo_on: () => { peer.undo = new Y.UndoManager([text(), page()], { captureTimeout: 0 }) },
  undo: () => { peer.undo.undo() },
  redo: () => { peer.undo.redo() },

  presence: ({ state }) => { peer.provider.awareness.setLocalState(state) },
  present: () => Object.fromEntries(peer.provider.awareness.getStates()),
  until_present: ({ client_id: client, gone, contains }) => until(() => {
    const state = peer.provider.awareness.getStates().get(client)
    if (gone) return state === undefined
    return state !== undefined && (contains === undefined || JSON.stringify(state).includes(contains))
  }),

  /** Types tokens `{name}{n};` for ever, `burst` of them each `pause_ms`, as separate transactions. */
  type: ({ name, burst, pause_ms: pauseMs }) => {
    let typed = 0
    typing = setInterval(() => {
      for (let i = 0; i < burst; i++) text().insert(text().length, `${name}${typed++};`)
    }, pauseMs)
  },
  stop_typing: () => clearInterval(typing),
  shown: ({ at_least: count }) => until(() => peer.shown.length >= count),
  /** What this client had been shown, and how many of its own updates were on the way at a moment. */
  seen: ({ killed_at_ms: moment }) => ({
    shown: peer.shown,
    echoed: owed.made - owed.count(),
    in_flight: owed.inFlightAt(moment)
  }),
  counts: () => ({ made: owed.made, owed: owed.count(), bytes_received: peer.bytesReceived, told: peer.told }),

  /** Stops reading from the socket altogether, or reads on: from that same socket, should it have been given up since. */
  stop_reading: () => { peer.unread = peer.provider.ws; peer.unread.inner.pause() },
  read_on: () => { peer.unread.inner.resume() },

  type_trace: ({ trace, in_flight: inFlight }) => typeTrace(trace, peer.doc, text(), { inFlight, ...pace }),
  equals_trace: ({ trace }) => text().toString() === loadTrace(trace).endContent,
  /** One agent of a trace by several; `clients` are the client ids of all agents, in their order. */
  type_agent: ({ trace, agent, clients, in_flight: inFlight }) => {
    const others = rehearse(trace, agent, clients)
    peer.gate = (frame) => others.mayPass(frame, peer.doc)
    const waitFor = (other, count) => {
      others.allow(other, count)
      peer.provider.ws.release()
      return until(() => others.has(other, count, peer.doc))
    }
    return typeAgent(trace, agent, peer.doc, text(), { waitFor, inFlight, ...pace })
  },
  quit: () => { setImmediate(() => process.exit(0)) }
}

const element = ({ name, attributes = {}, text: words, children = [] }) => {
  const made = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  const inner = children.map(element)
  if (words !== undefined) {
    const node = new Y.XmlText()
    node.insert(0, words)
    inner.unshift(node)
  }
  made.insert(0, inner)
  return made
}
const elementAt = (path) => path.reduce((node, index) => node.get(index), page())
const textAt = (path) => elementAt(path)

for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  // Not awaited: a condition may wait while further commands come.
  Promise.resolve().then(() => commands[command.do](command)).then(
    (ok) => tell({ id: command.id, ok: ok ?? null }),
    (error) => tell({ id: command.id, error: `${command.do}: ${error.message}` })
  )
}
process.exit(0)
