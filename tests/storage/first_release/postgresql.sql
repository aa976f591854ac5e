SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.characters (
    id character varying(80) NOT NULL COLLATE pg_catalog."C",
    project character varying(80) NOT NULL,
    name character varying(200) NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    status character varying(20) NOT NULL,
    source text,
    frames text,
    error text,
    created double precision NOT NULL
);
CREATE TABLE public.commits (
    writer character varying(32) NOT NULL,
    batch bigint NOT NULL,
    at double precision NOT NULL
);
CREATE TABLE public.deliveries (
    id character varying(80) NOT NULL COLLATE pg_catalog."C",
    event character varying(80) NOT NULL,
    project character varying(80) NOT NULL,
    endpoint character varying(80),
    url text NOT NULL,
    status character varying(20) NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    due double precision,
    lease_until double precision,
    log text,
    created double precision NOT NULL
);
CREATE TABLE public.endpoints (
    id character varying(80) NOT NULL COLLATE pg_catalog."C",
    project character varying(80) NOT NULL,
    name character varying(200) NOT NULL,
    url text NOT NULL,
    event_types text,
    secret text NOT NULL,
    previous_secret text,
    previous_until double precision,
    status character varying(20) NOT NULL,
    created double precision NOT NULL,
    updated double precision NOT NULL
);
CREATE TABLE public.events (
    id character varying(80) NOT NULL COLLATE pg_catalog."C",
    project character varying(80) NOT NULL,
    type character varying(80) NOT NULL,
    subject character varying(80) NOT NULL,
    url text,
    spread boolean DEFAULT false NOT NULL,
    created double precision NOT NULL
);
CREATE TABLE public.files (
    id character varying(80) NOT NULL COLLATE pg_catalog."C",
    project character varying(80) NOT NULL,
    filename text NOT NULL,
    purpose character varying(80) NOT NULL,
    sha256 character varying(64) NOT NULL,
    type character varying(100) NOT NULL,
    length bigint NOT NULL,
    created double precision NOT NULL,
    expires double precision
);
CREATE TABLE public.jobs (
    id character varying(80) NOT NULL COLLATE pg_catalog."C",
    object character varying(20) NOT NULL,
    project character varying(80) NOT NULL,
    key_id character varying(80),
    dialect character varying(20) NOT NULL,
    kind character varying(20) NOT NULL,
    model character varying(200) NOT NULL,
    engine character varying(80) NOT NULL,
    status character varying(20) NOT NULL,
    stage character varying(20) NOT NULL,
    due double precision,
    priority integer DEFAULT 0 NOT NULL,
    deadline double precision,
    lease_owner character varying(80),
    lease_until double precision,
    fence integer DEFAULT 0 NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    intent_at double precision,
    intent_seq integer DEFAULT 0 NOT NULL,
    account character varying(80),
    operation text,
    progress double precision DEFAULT 0 NOT NULL,
    expected_end double precision,
    shot text,
    asked text,
    work text,
    result text,
    error text,
    warnings text,
    parent character varying(80),
    batch character varying(80),
    idempotency_key character varying(255),
    fingerprint character varying(64),
    webhook_url text,
    created double precision NOT NULL,
    started double precision,
    ended double precision,
    expires double precision
);
CREATE TABLE public.keys (
    id character varying(80) NOT NULL COLLATE pg_catalog."C",
    project character varying(80) NOT NULL,
    name character varying(200) NOT NULL,
    shown character varying(20) NOT NULL,
    hash character varying(64) NOT NULL,
    scopes text,
    requests_per_minute integer,
    jobs_at_once integer,
    created double precision NOT NULL,
    expires double precision,
    revoked double precision,
    used double precision
);
CREATE TABLE public.media_uses (
    sha256 character varying(64) NOT NULL,
    owner character varying(80) NOT NULL,
    type character varying(100) NOT NULL,
    length bigint NOT NULL,
    created double precision NOT NULL
);
CREATE TABLE public.rates (
    name character varying(200) NOT NULL,
    arrival double precision NOT NULL
);
CREATE TABLE public.secrets (
    name character varying(80) NOT NULL,
    value text NOT NULL,
    created double precision NOT NULL
);
INSERT INTO public.alembic_version (version_num) VALUES ('0001');
INSERT INTO public.characters (id, project, name, description, status, source, frames, error, created) VALUES ('char_1', 'default', 'Roller', 'a pan on wheels', 'ready', '{"sha256":"f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1","type":"video/mp4","length":2345678}', '[{"media":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456},"matte":null,"at":0.5,"sharpness":12.0,"box":[0,0,1,1]}]', NULL, 4.5);
INSERT INTO public.deliveries (id, event, project, endpoint, url, status, attempt, due, lease_until, log, created) VALUES ('dlv_1', 'evt_1', 'default', 'ep_1', 'https://example.com/hooks', 'pending', 1, 10.5, NULL, '[{"at":10.0,"status":503,"ms":12,"error":""}]', 9.75);
INSERT INTO public.endpoints (id, project, name, url, event_types, secret, previous_secret, previous_until, status, created, updated) VALUES ('ep_1', 'default', 'shop', 'https://example.com/hooks', '["video.completed"]', 'whsec_b25seSBmb3IgdGVzdHM=', NULL, NULL, 'enabled', 7.5, 8.5);
INSERT INTO public.events (id, project, type, subject, url, spread, created) VALUES ('evt_1', 'default', 'video.completed', 'video_1', 'https://example.com/hook', true, 9.5);
INSERT INTO public.files (id, project, filename, purpose, sha256, type, length, created, expires) VALUES ('file-1', 'default', 'räder.jpg', 'vision', '0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f', 'image/jpeg', 123456, 3.5, NULL);
INSERT INTO public.jobs (id, object, project, key_id, dialect, kind, model, engine, status, stage, due, priority, deadline, lease_owner, lease_until, fence, attempt, cancel_requested, intent_at, intent_seq, account, operation, progress, expected_end, shot, asked, work, result, error, warnings, parent, batch, idempotency_key, fingerprint, webhook_url, created, started, ended, expires) VALUES ('video_1', 'video', 'default', 'key_1', 'openai', 'create', 'sora-2', 'flipbook', 'completed', 'deliver', NULL, 0, NULL, NULL, NULL, 4, 1, false, NULL, 0, NULL, NULL, 1, NULL, '{"prompt":"The camera pushes in slowly — très lentement 🎬","kind":"create","model":"sora-2","negative_prompt":"","size":{"width":1280,"height":720},"seconds":8.0,"fps":24.0,"seed":0,"loop":false,"sound":false,"fit":"auto","pad_colour":"","quality":"standard","takes":1,"anchors":[{"media":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456},"role":"first_frame","frame":null,"strength":1.0,"crop":null}],"regions":[],"direction":null,"cast":[]}', '{"prompt":"The camera pushes in slowly — très lentement 🎬","seconds":"8","size":"1280x720"}', NULL, '{"media":{"video":{"sha256":"f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1","type":"video/mp4","length":2345678},"thumbnail":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456}},"size":"1280x720","seconds":8.0,"fps":24.0,"frames":192,"engine":"flipbook","report":{"done":["push in"]},"took":{"render":3.5}}', NULL, '[{"code":"not_read","message":"one word","field":"prompt"}]', NULL, NULL, 'order-1', 'abababababababababababababababababababababababababababababababab', 'https://example.com/hook', 1795000000.25, 1795000001.5, 1795000009.5, 1797592009.5);
INSERT INTO public.jobs (id, object, project, key_id, dialect, kind, model, engine, status, stage, due, priority, deadline, lease_owner, lease_until, fence, attempt, cancel_requested, intent_at, intent_seq, account, operation, progress, expected_end, shot, asked, work, result, error, warnings, parent, batch, idempotency_key, fingerprint, webhook_url, created, started, ended, expires) VALUES ('video_2', 'video', 'default', 'key_1', 'openai', 'create', 'sora-2', 'relay', 'in_progress', 'poll', 1795000030, 2, 1795020000, 'node-1', 1795000060, 9, 3, false, NULL, 1, 'relay', '{"engine":"relay","detail":{"id":"video_abc"}}', 0.25, 1795000100, '{"prompt":"The camera pushes in slowly — très lentement 🎬","kind":"create","model":"sora-2","negative_prompt":"","size":{"width":1280,"height":720},"seconds":8.0,"fps":24.0,"seed":0,"loop":false,"sound":false,"fit":"auto","pad_colour":"","quality":"standard","takes":1,"anchors":[{"media":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456},"role":"first_frame","frame":null,"strength":1.0,"crop":null}],"regions":[],"direction":null,"cast":[]}', '{"prompt":"x"}', '{"pending":{"0":{"url":"https://example.com/a.jpg"}}}', NULL, NULL, NULL, 'video_1', NULL, NULL, NULL, NULL, 1795000000.25, 1795000002, NULL, NULL);
INSERT INTO public.jobs (id, object, project, key_id, dialect, kind, model, engine, status, stage, due, priority, deadline, lease_owner, lease_until, fence, attempt, cancel_requested, intent_at, intent_seq, account, operation, progress, expected_end, shot, asked, work, result, error, warnings, parent, batch, idempotency_key, fingerprint, webhook_url, created, started, ended, expires) VALUES ('video_3', 'video', 'default', NULL, 'openai', 'create', 'sora-2', 'flipbook', 'failed', 'inputs', NULL, 0, NULL, NULL, NULL, 0, 0, true, NULL, 0, NULL, NULL, 0, NULL, NULL, '{"prompt":"y"}', NULL, NULL, '{"code":"invalid_image","message":"no picture","param":"input_reference"}', NULL, NULL, 'batch_1', NULL, NULL, NULL, 1795000000.25, NULL, 1795000003, NULL);
INSERT INTO public.jobs (id, object, project, key_id, dialect, kind, model, engine, status, stage, due, priority, deadline, lease_owner, lease_until, fence, attempt, cancel_requested, intent_at, intent_seq, account, operation, progress, expected_end, shot, asked, work, result, error, warnings, parent, batch, idempotency_key, fingerprint, webhook_url, created, started, ended, expires) VALUES ('batch_1', 'batch', 'default', 'key_1', 'openai', 'batch', 'sora-2', 'flipbook', 'completed', 'done', NULL, 0, NULL, NULL, NULL, 0, 0, false, NULL, 0, NULL, NULL, 0, NULL, NULL, '{"endpoint":"/v1/videos"}', '{"total":1}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795000000.25, NULL, NULL, NULL);
INSERT INTO public.keys (id, project, name, shown, hash, scopes, requests_per_minute, jobs_at_once, created, expires, revoked, used) VALUES ('key_1', 'default', 'studio', 'mk_abcd', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '["videos:read"]', 60, 2, 5.5, NULL, NULL, 6.5);
INSERT INTO public.media_uses (sha256, owner, type, length, created) VALUES ('0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f', 'video_1', 'image/jpeg', 123456, 1.5);
INSERT INTO public.media_uses (sha256, owner, type, length, created) VALUES ('f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1', 'video_1', 'video/mp4', 2345678, 2.5);
INSERT INTO public.rates (name, arrival) VALUES ('engine/relay/create', 11.5);
INSERT INTO public.secrets (name, value, created) VALUES ('links', 'c2VjcmV0', 12.5);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.characters
    ADD CONSTRAINT characters_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.commits
    ADD CONSTRAINT commits_pkey PRIMARY KEY (writer);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.endpoints
    ADD CONSTRAINT endpoints_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_idempotency UNIQUE (project, idempotency_key);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_hash_key UNIQUE (hash);
ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.media_uses
    ADD CONSTRAINT media_uses_pkey PRIMARY KEY (sha256, owner);
ALTER TABLE ONLY public.rates
    ADD CONSTRAINT rates_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);
CREATE INDEX characters_listed ON public.characters USING btree (project, id);
CREATE INDEX deliveries_due ON public.deliveries USING btree (due) WHERE (due IS NOT NULL);
CREATE INDEX deliveries_event ON public.deliveries USING btree (event);
CREATE INDEX endpoints_project ON public.endpoints USING btree (project);
CREATE INDEX events_listed ON public.events USING btree (project, id);
CREATE INDEX events_unspread ON public.events USING btree (created) WHERE (NOT spread);
CREATE INDEX files_expires ON public.files USING btree (expires);
CREATE INDEX files_listed ON public.files USING btree (project, id);
CREATE INDEX jobs_account ON public.jobs USING btree (account, stage) WHERE (due IS NOT NULL);
CREATE INDEX jobs_batch ON public.jobs USING btree (batch);
CREATE INDEX jobs_due ON public.jobs USING btree (due, stage, priority, id) WHERE (due IS NOT NULL);
CREATE INDEX jobs_expires ON public.jobs USING btree (expires);
CREATE INDEX jobs_fingerprint ON public.jobs USING btree (fingerprint, created);
CREATE INDEX jobs_leased ON public.jobs USING btree (lease_owner) WHERE (lease_owner IS NOT NULL);
CREATE INDEX jobs_listed ON public.jobs USING btree (project, object, id);
CREATE INDEX jobs_open ON public.jobs USING btree (project, object, key_id) WHERE (due IS NOT NULL);
CREATE INDEX jobs_priority ON public.jobs USING btree (priority) WHERE (due IS NOT NULL);
CREATE INDEX media_uses_owner ON public.media_uses USING btree (owner);
