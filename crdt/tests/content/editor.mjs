// Makes editor.json: a document written and edited in the real editor, as a stored update and as the editor's JSON.
// It needs the packages of the web app, so it runs from a copy in web/:
//   cp crdt/tests/content/editor.mjs web/ && cd web && npx vite build --ssr editor.mjs --outDir node_modules/.cache/editor
//   node node_modules/.cache/editor/editor.js ../crdt/tests/content/editor.json; rm editor.mjs
import fs from 'node:fs'
import { JSDOM } from 'jsdom'
import * as Y from 'yjs'
import { Editor } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { schemaExtensions } from './src/schema/index.ts'

const dom = new JSDOM('<!doctype html><html><body></body></html>')
// What ProseMirror asks of a browser.
const names = ['document', 'Node', 'Element', 'HTMLElement', 'DOMParser', 'MutationObserver', 'Range', 'KeyboardEvent', 'Event']
for (const name of names) globalThis[name] = dom.window[name]
globalThis.window = dom.window
globalThis.requestAnimationFrame = (run) => setTimeout(run, 0)
dom.window.Range.prototype.getClientRects = () => []
Object.defineProperty(globalThis, 'navigator', { value: dom.window.navigator, configurable: true })

const t = (text, ...marks) => ({ type: 'text', text, marks: marks.map((m) => (typeof m === 'string' ? { type: m } : m)) })
const p = (...content) => ({ type: 'paragraph', content })
const cell = (type, attrs, ...content) => ({ type, attrs, content })
const doc = { type: 'doc', content: [
  { type: 'heading', attrs: { level: 2, textAlign: 'center', dir: 'rtl' }, content: [t('שלום עולם')] },
  p(t('plain '), t('bold', 'bold'), t(' both', 'bold', 'italic'), t('🦀👩‍👩‍👧 emoji', 'underline'), t(' 漢字かな', 'strike', { type: 'textStyle', attrs: { color: '#aa3300' } })),
  { type: 'paragraph', attrs: { indent: 3, textAlign: 'justify' }, content: [t('H'), t('2', 'subscript'), t('O and x'), t('2', 'superscript'), t(' marked', { type: 'highlight', attrs: { color: '#ffee00' } }), t(' yellow', { type: 'highlight' })] },
  p(t('see '), t('the ', { type: 'link', attrs: { href: 'https://example.org/a?b=c' } }), t('site', 'bold', { type: 'link', attrs: { href: 'https://example.org/a?b=c' } }), t(' or '), t('code()', 'code'), { type: 'hardBreak' }, t('after a break '), { type: 'mention', attrs: { id: 'u1', label: 'Ada' } }, t('!')),
  { type: 'bulletList', content: [{ type: 'listItem', content: [p(t('one')), { type: 'orderedList', attrs: { start: 3 }, content: [{ type: 'listItem', content: [p(t('three'))] }] }] }, { type: 'listItem', content: [p()] }] },
  { type: 'taskList', content: [{ type: 'taskItem', attrs: { checked: true }, content: [p(t('done'))] }, { type: 'taskItem', content: [p(t('open'))] }] },
  { type: 'blockquote', content: [p(t('quoted')), { type: 'callout', attrs: { kind: 'danger' }, content: [p(t('careful'))] }] },
  { type: 'horizontalRule' }, { type: 'pageBreak' },
  { type: 'codeBlock', attrs: { language: 'rust' }, content: [t('fn main() {\n    println!("<&>");\n}')] },
  { type: 'table', content: [
    { type: 'tableRow', content: [cell('tableHeader', { colspan: 2, colwidth: [120, 80] }, p(t('wide'))), cell('tableHeader', { backgroundColor: '#eef0ff' }, p(t('h')))] },
    { type: 'tableRow', content: [cell('tableCell', { rowspan: 2 }, p(t('tall'))), cell('tableCell', {}, p(t('b')), p(t('c'))), cell('tableCell', { align: 'right' }, p())] },
    { type: 'tableRow', content: [cell('tableCell', {}, p(t('d'))), cell('tableCell', {}, p(t('e')))] } ] },
  { type: 'image', attrs: { src: 'https://example.org/a.png', alt: 'A picture', width: 320 } },
  p(t('end')) ] }
const ydoc = new Y.Doc(); ydoc.clientID = 7
const editor = new Editor({ element: document.createElement('div'), extensions: [...schemaExtensions, Collaboration.configure({ document: ydoc, field: 'default' })] })
editor.commands.setContent(doc)
// Edits, so that there are tombstones, splits and format marks that cancel each other.
const find = (text) => { let at = -1; editor.state.doc.descendants((n, pos) => { if (n.isText && n.text.includes(text)) at = pos + n.text.indexOf(text) }); return at }
let at = find('plain'); editor.chain().setTextSelection({ from: at, to: at + 5 }).toggleBold().run()
editor.chain().setTextSelection({ from: at + 2, to: at + 4 }).toggleBold().toggleItalic().run()
editor.chain().setTextSelection({ from: at + 2, to: at + 4 }).toggleItalic().run()
at = find('emoji'); editor.chain().insertContentAt(at, '🎈').run()
at = find('quoted'); editor.chain().deleteRange({ from: at + 1, to: at + 3 }).run()
at = find('site'); editor.chain().insertContentAt(at + 2, 'XY').run()
at = find('end'); editor.chain().setTextSelection(at + 1).splitBlock().setHeading({ level: 4 }).run()
// A second person's replica, so that the update has two clients.
const other = new Y.Doc(); other.clientID = 9; Y.applyUpdate(other, Y.encodeStateAsUpdate(ydoc))
const second = new Editor({ element: document.createElement('div'), extensions: [...schemaExtensions, Collaboration.configure({ document: other, field: 'default' })] })
at = find('careful'); second.chain().insertContentAt(at + 4, ' very').run()
at = find('done'); second.chain().setTextSelection({ from: at, to: at + 2 }).toggleStrike().run()
Y.applyUpdate(ydoc, Y.encodeStateAsUpdate(other))
const update = Y.encodeStateAsUpdate(ydoc)
fs.writeFileSync(process.argv[2], JSON.stringify({ made_with: 'yjs 13.6.33, @tiptap/core 3.31.3, @tiptap/y-tiptap 3.0.9', update: Buffer.from(update).toString('hex'), json: editor.getJSON() }, null, 1) + '\n')
process.exit(0)
