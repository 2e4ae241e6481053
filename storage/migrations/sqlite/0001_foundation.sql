-- Times are microseconds since 1970 UTC; ids are UUIDs of 16 bytes; *_key columns hold the lower-case form by which
-- people search, sort and may not collide.

-- Everyone who can be an author.
create table actors (
  id           blob    not null primary key,
  kind         text    not null check (kind in ('person', 'guest', 'program', 'system')),
  display_name text    not null,
  color        text    not null,
  created_at   integer not null
) strict, without rowid;

-- Without a password hash, a person signs in elsewhere.
create table users (
  id             blob    not null primary key references actors (id),
  username       text    not null,
  username_key   text    not null unique,
  email          text    not null,
  email_key      text    not null unique,
  password_hash  text,
  locale         text,
  time_zone      text,
  is_admin       integer not null default 0,
  created_at     integer not null,
  last_login_at  integer,
  deactivated_at integer
) strict, without rowid;

create table sessions (
  id           blob    not null primary key,
  actor_id     blob    not null references actors (id),
  created_at   integer not null,
  last_used_at integer not null,
  expires_at   integer not null,
  ended_at     integer,
  user_agent   text    not null,
  address      text    not null
) strict, without rowid;
create index sessions_of_actor on sessions (actor_id);

-- Only hashes. A token that was replaced stays for a while, so that its reuse is noticed.
create table refresh_tokens (
  hash        blob    not null primary key,
  session_id  blob    not null references sessions (id) on delete cascade,
  generation  integer not null,
  replaced_at integer
) strict, without rowid;
create index refresh_tokens_of_session on refresh_tokens (session_id, generation);

create table signing_keys (
  kid        text    not null primary key,
  pkcs8      blob    not null,
  created_at integer not null,
  retired_at integer
) strict, without rowid;

create table documents (
  id             blob    not null primary key,
  title          text    not null,
  title_key      text    not null,
  home_folder_id blob,
  owner_id       blob    not null references users (id),
  created_at     integer not null,
  deleted_at     integer,
  deleted_by     blob,
  purge_at       integer
) strict, without rowid;
create index documents_of_owner on documents (owner_id);

-- What the append reads, checks and moves, one narrow row per document.
create table document_heads (
  document_id         blob    not null primary key references documents (id),
  seq                 integer not null default 0,
  acl_version         integer not null default 0,
  epoch               integer not null default 0,
  schema_version      integer not null default 1,
  trashed             integer not null default 0,
  chain_hash          blob    not null,
  updated_at          integer not null,
  tail_bytes          integer not null default 0,
  noted_seq           integer not null default 0,
  snapshot_seq        integer,
  snapshot_key        text,
  snapshot_chain_hash blob
) strict, without rowid;
-- Documents with edits that no event tells of yet.
create index document_heads_to_note on document_heads (document_id) where seq > noted_seq;

create table updates (
  document_id  blob    not null,
  seq          integer not null,
  actor_id     blob    not null,
  on_behalf_of blob,
  via_link_id  blob,
  connection   blob    not null,
  at           integer not null,
  kind         text    not null,
  ranges       blob    not null,
  salt         blob    not null,
  chain_hash   blob    not null,
  bytes        blob    not null,
  primary key (document_id, seq)
) strict, without rowid;

create table client_ids (
  document_id blob    not null,
  client_id   integer not null,
  actor_id    blob    not null,
  primary key (document_id, client_id)
) strict, without rowid;

create table grants (
  document_id  blob    not null references documents (id),
  subject_kind text    not null check (subject_kind in ('user', 'group', 'link', 'signed_in', 'anyone')),
  subject_id   blob    not null,
  id           blob    not null unique,
  role         text    not null check (role in ('viewer', 'commenter', 'editor', 'owner')),
  expires_at   integer,
  granted_by   blob    not null,
  granted_at   integer not null,
  primary key (document_id, subject_kind, subject_id)
) strict, without rowid;
create index grants_of_subject on grants (subject_kind, subject_id);

create table snapshot_attempts (
  object_key  text    not null primary key,
  document_id blob    not null,
  seq         integer not null,
  byte_count  integer not null,
  state       text    not null check (state in ('started', 'current', 'dead')),
  started_at  integer not null,
  ended_at    integer
) strict, without rowid;
create index snapshot_attempts_of_document on snapshot_attempts (document_id, seq);

-- subject_id: the person an act was about, who hears of it even when it took his right away.
create table events (
  seq         integer not null primary key autoincrement,
  at          integer not null,
  actor_id    blob,
  document_id blob,
  subject_id  blob,
  kind        text    not null,
  payload     text    not null
) strict;

create table audit_log (
  seq         integer not null primary key,
  at          integer not null,
  actor_id    blob,
  document_id blob,
  kind        text    not null,
  payload     text    not null,
  chain_hash  blob    not null
) strict;

create table settings (
  name  text not null primary key,
  value text not null
) strict, without rowid;
