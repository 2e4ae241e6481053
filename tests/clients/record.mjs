// Writes the updates that Yjs makes of a trace, one per transaction, as varint length and bytes: `record.mjs NAME FILE`.
import fs from 'node:fs'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { typeTrace } from './trace.mjs'

const [name, file] = process.argv.slice(2)
const doc = Object.assign(new Y.Doc(), { clientID: 1_234_567_890 })
const encoder = encoding.createEncoder()
doc.on('update', (update) => encoding.writeVarUint8Array(encoder, update))
const { edits, matches } = await typeTrace(name, doc, doc.getText('text'), { inFlight: 1, owed: () => 0 })
if (!matches) throw new Error(`${name} does not end as recorded`)
fs.writeFileSync(`${file}.part`, encoding.toUint8Array(encoder))
fs.renameSync(`${file}.part`, file)
console.error(`${edits} updates of ${name} recorded`)
