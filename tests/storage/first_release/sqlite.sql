BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE characters (
	id VARCHAR(80) NOT NULL, 
	project VARCHAR(80) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	description TEXT DEFAULT '' NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	source TEXT, 
	frames TEXT, 
	error TEXT, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "characters" VALUES('char_1','default','Roller','a pan on wheels','ready','{"sha256":"f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1","type":"video/mp4","length":2345678}','[{"media":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456},"matte":null,"at":0.5,"sharpness":12.0,"box":[0,0,1,1]}]',NULL,4.5);
CREATE TABLE commits (
	writer VARCHAR(32) NOT NULL, 
	batch BIGINT NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (writer)
);
CREATE TABLE deliveries (
	id VARCHAR(80) NOT NULL, 
	event VARCHAR(80) NOT NULL, 
	project VARCHAR(80) NOT NULL, 
	endpoint VARCHAR(80), 
	url TEXT NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	attempt INTEGER DEFAULT 0 NOT NULL, 
	due FLOAT, 
	lease_until FLOAT, 
	log TEXT, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "deliveries" VALUES('dlv_1','evt_1','default','ep_1','https://example.com/hooks','pending',1,10.5,NULL,'[{"at":10.0,"status":503,"ms":12,"error":""}]',9.75);
CREATE TABLE endpoints (
	id VARCHAR(80) NOT NULL, 
	project VARCHAR(80) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	url TEXT NOT NULL, 
	event_types TEXT, 
	secret TEXT NOT NULL, 
	previous_secret TEXT, 
	previous_until FLOAT, 
	status VARCHAR(20) NOT NULL, 
	created FLOAT NOT NULL, 
	updated FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "endpoints" VALUES('ep_1','default','shop','https://example.com/hooks','["video.completed"]','whsec_b25seSBmb3IgdGVzdHM=',NULL,NULL,'enabled',7.5,8.5);
CREATE TABLE events (
	id VARCHAR(80) NOT NULL, 
	project VARCHAR(80) NOT NULL, 
	type VARCHAR(80) NOT NULL, 
	subject VARCHAR(80) NOT NULL, 
	url TEXT, 
	spread BOOLEAN DEFAULT 0 NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "events" VALUES('evt_1','default','video.completed','video_1','https://example.com/hook',1,9.5);
CREATE TABLE files (
	id VARCHAR(80) NOT NULL, 
	project VARCHAR(80) NOT NULL, 
	filename TEXT NOT NULL, 
	purpose VARCHAR(80) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	type VARCHAR(100) NOT NULL, 
	length BIGINT NOT NULL, 
	created FLOAT NOT NULL, 
	expires FLOAT, 
	PRIMARY KEY (id)
);
INSERT INTO "files" VALUES('file-1','default','räder.jpg','vision','0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f','image/jpeg',123456,3.5,NULL);
CREATE TABLE jobs (
	id VARCHAR(80) NOT NULL, 
	object VARCHAR(20) NOT NULL, 
	project VARCHAR(80) NOT NULL, 
	key_id VARCHAR(80), 
	dialect VARCHAR(20) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	model VARCHAR(200) NOT NULL, 
	engine VARCHAR(80) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	stage VARCHAR(20) NOT NULL, 
	due FLOAT, 
	priority INTEGER DEFAULT 0 NOT NULL, 
	deadline FLOAT, 
	lease_owner VARCHAR(80), 
	lease_until FLOAT, 
	fence INTEGER DEFAULT 0 NOT NULL, 
	attempt INTEGER DEFAULT 0 NOT NULL, 
	cancel_requested BOOLEAN DEFAULT 0 NOT NULL, 
	intent_at FLOAT, 
	intent_seq INTEGER DEFAULT 0 NOT NULL, 
	account VARCHAR(80), 
	operation TEXT, 
	progress FLOAT DEFAULT 0 NOT NULL, 
	expected_end FLOAT, 
	shot TEXT, 
	asked TEXT, 
	work TEXT, 
	result TEXT, 
	error TEXT, 
	warnings TEXT, 
	parent VARCHAR(80), 
	batch VARCHAR(80), 
	idempotency_key VARCHAR(255), 
	fingerprint VARCHAR(64), 
	webhook_url TEXT, 
	created FLOAT NOT NULL, 
	started FLOAT, 
	ended FLOAT, 
	expires FLOAT, 
	PRIMARY KEY (id), 
	CONSTRAINT jobs_idempotency UNIQUE (project, idempotency_key)
);
INSERT INTO "jobs" VALUES('video_1','video','default','key_1','openai','create','sora-2','flipbook','completed','deliver',NULL,0,NULL,NULL,NULL,4,1,0,NULL,0,NULL,NULL,1.0,NULL,'{"prompt":"The camera pushes in slowly — très lentement 🎬","kind":"create","model":"sora-2","negative_prompt":"","size":{"width":1280,"height":720},"seconds":8.0,"fps":24.0,"seed":0,"loop":false,"sound":false,"fit":"auto","pad_colour":"","quality":"standard","takes":1,"anchors":[{"media":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456},"role":"first_frame","frame":null,"strength":1.0,"crop":null}],"regions":[],"direction":null,"cast":[]}','{"prompt":"The camera pushes in slowly — très lentement 🎬","seconds":"8","size":"1280x720"}',NULL,'{"media":{"video":{"sha256":"f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1","type":"video/mp4","length":2345678},"thumbnail":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456}},"size":"1280x720","seconds":8.0,"fps":24.0,"frames":192,"engine":"flipbook","report":{"done":["push in"]},"took":{"render":3.5}}',NULL,'[{"code":"not_read","message":"one word","field":"prompt"}]',NULL,NULL,'order-1','abababababababababababababababababababababababababababababababab','https://example.com/hook',1795000000.25,1795000001.5,1795000009.5,1797592009.5);
INSERT INTO "jobs" VALUES('video_2','video','default','key_1','openai','create','sora-2','relay','in_progress','poll',1795000030.0,2,1795020000.0,'node-1',1795000060.0,9,3,0,NULL,1,'relay','{"engine":"relay","detail":{"id":"video_abc"}}',0.25,1795000100.0,'{"prompt":"The camera pushes in slowly — très lentement 🎬","kind":"create","model":"sora-2","negative_prompt":"","size":{"width":1280,"height":720},"seconds":8.0,"fps":24.0,"seed":0,"loop":false,"sound":false,"fit":"auto","pad_colour":"","quality":"standard","takes":1,"anchors":[{"media":{"sha256":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","type":"image/jpeg","length":123456},"role":"first_frame","frame":null,"strength":1.0,"crop":null}],"regions":[],"direction":null,"cast":[]}','{"prompt":"x"}','{"pending":{"0":{"url":"https://example.com/a.jpg"}}}',NULL,NULL,NULL,'video_1',NULL,NULL,NULL,NULL,1795000000.25,1795000002.0,NULL,NULL);
INSERT INTO "jobs" VALUES('video_3','video','default',NULL,'openai','create','sora-2','flipbook','failed','inputs',NULL,0,NULL,NULL,NULL,0,0,1,NULL,0,NULL,NULL,0.0,NULL,NULL,'{"prompt":"y"}',NULL,NULL,'{"code":"invalid_image","message":"no picture","param":"input_reference"}',NULL,NULL,'batch_1',NULL,NULL,NULL,1795000000.25,NULL,1795000003.0,NULL);
INSERT INTO "jobs" VALUES('batch_1','batch','default','key_1','openai','batch','sora-2','flipbook','completed','done',NULL,0,NULL,NULL,NULL,0,0,0,NULL,0,NULL,NULL,0.0,NULL,NULL,'{"endpoint":"/v1/videos"}','{"total":1}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795000000.25,NULL,NULL,NULL);
CREATE TABLE keys (
	id VARCHAR(80) NOT NULL, 
	project VARCHAR(80) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	shown VARCHAR(20) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	scopes TEXT, 
	requests_per_minute INTEGER, 
	jobs_at_once INTEGER, 
	created FLOAT NOT NULL, 
	expires FLOAT, 
	revoked FLOAT, 
	used FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (hash)
);
INSERT INTO "keys" VALUES('key_1','default','studio','mk_abcd','cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd','["videos:read"]',60,2,5.5,NULL,NULL,6.5);
CREATE TABLE media_uses (
	sha256 VARCHAR(64) NOT NULL, 
	owner VARCHAR(80) NOT NULL, 
	type VARCHAR(100) NOT NULL, 
	length BIGINT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (sha256, owner)
);
INSERT INTO "media_uses" VALUES('0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f','video_1','image/jpeg',123456,1.5);
INSERT INTO "media_uses" VALUES('f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1','video_1','video/mp4',2345678,2.5);
CREATE TABLE rates (
	name VARCHAR(200) NOT NULL, 
	arrival FLOAT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "rates" VALUES('engine/relay/create',11.5);
CREATE TABLE secrets (
	name VARCHAR(80) NOT NULL, 
	value TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "secrets" VALUES('links','c2VjcmV0',12.5);
CREATE INDEX characters_listed ON characters (project, id);
CREATE INDEX deliveries_due ON deliveries (due) WHERE due IS NOT NULL;
CREATE INDEX deliveries_event ON deliveries (event);
CREATE INDEX endpoints_project ON endpoints (project);
CREATE INDEX events_listed ON events (project, id);
CREATE INDEX events_unspread ON events (created) WHERE NOT spread;
CREATE INDEX files_expires ON files (expires);
CREATE INDEX files_listed ON files (project, id);
CREATE INDEX jobs_account ON jobs (account, stage) WHERE due IS NOT NULL;
CREATE INDEX jobs_batch ON jobs (batch);
CREATE INDEX jobs_due ON jobs (due, stage, priority, id) WHERE due IS NOT NULL;
CREATE INDEX jobs_expires ON jobs (expires);
CREATE INDEX jobs_fingerprint ON jobs (fingerprint, created);
CREATE INDEX jobs_leased ON jobs (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX jobs_listed ON jobs (project, object, id);
CREATE INDEX jobs_open ON jobs (project, object, key_id) WHERE due IS NOT NULL;
CREATE INDEX jobs_priority ON jobs (priority) WHERE due IS NOT NULL;
CREATE INDEX media_uses_owner ON media_uses (owner);
COMMIT;
