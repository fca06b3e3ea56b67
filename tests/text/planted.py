"""Lines with a secret of ours in each, by kind: what redaction must find.

Values of vendors' shapes are put together here, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import base64

BODY = "9fQ2" + "vKp7Lx0aZr8TnB3cYd6WgHs1UeMj4R5o"
HEX = "5e1b9c07" * 5
GITHUB = "gh" + "p_" + BODY
GITHUB_PAT = "github" + "_pat_" + "11ABCDEFG0" + BODY + "_" + BODY
SLACK = "xox" + "b-2841597361-2841597362-" + BODY[:24]
STRIPE = "sk" + "_live_" + BODY[:24]
MODEL = "sk" + "-proj-" + BODY
AWS_ID = "AK" + "IA" + "Q3Z7N5M2X8K4J6H1"
AWS_SECRET = "wPz7" + "kR2vXn9/Lq4tYc8+Bm3sGd6jFh1aWe5uTo0Q"
GCP = "AI" + "za" + "SyD4x9Kq2Lm7Vb1Nc8Zt5Wr3Ph6Jg0Fe"
JWT = "ey" + "JhbGciOiJIUzI1NiJ9." + "ey" + "Jzd2FwIjoiZXRsIn0." + "kq3ZP1xVt7Yc9Lw2"
FERNET = "kP3vQ8xZt1Lw7Yc5Rn2Bd9Jm4Hs6Gf0Ea_Uo-Ti8Kr4="
BASIC = base64.b64encode(b"etl:Tr4ck-9wZ").decode()
PEM_LINE = "MIIEowIBAAKCAQEAq7" + BODY + "Zk1+Wd0/"
SIG = "h7Qe2kVb9%2FXn4Lp1Zr8TmYc%2Bw3Gd6Fs5Jo0Ua%3D"

PLANTED: list[tuple[str, str, str]] = [
    ("uri-password", "postgresql://etl:{}@db.example:5432/wh", "S3cr3tPw"),
    ("uri-password", "conn uri postgres://etl:{}@db.example:5432/wh?sslmode=require", "hunter"),
    ("uri-password", "postgresql+psycopg2://airflow:{}@postgres/airflow", "p%40ss%2Fw0rd"),
    ("uri-password", "broker redis://:{}@redis:6379/0 is up", "r3d1s-pw"),
    ("uri-password", "amqp://guest:{}@rabbit:5672//", "gu3st!x"),
    ("uri-password", "mongodb+srv://app:{}@cluster0.example.net/prod", "m0ng0:pw"),
    ("uri-password", "https://bot:{}@git.example.com/acme/dags.git", "tok9f2kd81"),
    ("uri-password", "snowflake://etl:{}@acme/db?warehouse=wh", "sn0w@flake"),
    ("uri-password", "mysql://root:{}@mysql/airflow", "pa/ss#w0rd?x"),
    ("uri-password", '(Caused by ProxyError("http://svc:{}@proxy.example:3128"))', "pr0xyPw"),
    ("uri-password", "user:{}@tcp(db.example:3306)/wh", "g0-dsn-pw"),
    ("uri-password", "jdbc:oracle:thin:scott/{}@db.example:1521:orcl", "t1ger-x"),
    ("uri-encoded", "AIRFLOW_CONN=postgresql%3A%2F%2Fetl%3A{}%40db.example%2Fwh", "Enc0dedPw"),
    ("uri-encoded", "uri=mysql%3a%2f%2froot%3a{}%40db&x=1", "l0wer-enc"),
    ("uri-encoded", "conn http://h/?__extra__=%7B%22password%22%3A+%22{}%22%7D", "jsn1nUr1"),
    ("uri-encoded", "GET /hook?password%3D{}%26x%3D1", "q9uoted"),
    ("jdbc", "jdbc:postgresql://db.example:5432/wh?user=etl&password={}&ssl=true", "jdbcPw1"),
    (
        "jdbc",
        "jdbc:sqlserver://db:1433;databaseName=wh;user=etl;password={};encrypt=true",
        "S!lver9",
    ),
    ("odbc", "Driver={{ODBC Driver 18}};Server=db;Uid=etl;Pwd={};Encrypt=yes", "0dbcPw#1"),
    ("odbc", "DSN=wh;UID=etl;PWD={{{}}};", "br;ace9d"),
    ("odbc", "host=db.example dbname=wh user=etl password={} port=5432", "libpqPw"),
    ("keyed", "password={}", "hunter"),
    ("keyed", "DB_PASSWORD={}", "S3cr3t!"),
    ("keyed", "export SMTP_PASSWD='{}'", "m4il pw"),
    ("keyed", "client_secret={}", "cs-91kd82Ls"),
    ("keyed", "api_key={}&limit=5", "ak92kd81ls"),
    ("keyed", "accessKey = {}", "Zk19dKq82"),
    ("keyed", "aws_secret_access_key = {}", AWS_SECRET),
    ("keyed", "auth_token: {}", "tok_91kd8Ls2"),
    ("keyed", "x-api-key: {}", "7f3kd92lq81m"),
    ("keyed", "PGPASSWORD={} psql -h db", "pgPw91"),
    ("keyed", "AIRFLOW__WEBSERVER__SECRET_KEY={}", "wEb9secretKq"),
    ("keyed", "login failed for user=etl, password={}, host=db", "midPw8x"),
    ("keyed", "password: {}", "hunter"),
    ("keyed", "  password: {}  # the warehouse", "yamlPw9"),
    ("keyed", "redis_pass={}", "rp91kd"),
    ("keyed", "os.environ['DB_PASSWORD'] = '{}'", "envPw91"),
    ("keyed", "password: str = '{}'", "typedPw1"),
    ("keyed", "logging in with password {} now", "Pr0se#Pw9"),
    ("keyed", "the password is {}", "Sp0ken-Pw"),
    ("keyed", "connecting with token={} at 06:00", "tok_plain_2"),
    ("keyed", "sessionid={}", "k2j4h6g8f0d1s3a5"),
    ("keyed", 'passphrase = "{}"', "correct horse battery"),
    ("json", '{{"user": "bob", "password": "{}"}}', "jsonPw1"),
    ("json", '{{"conn": {{"login": "etl", "password": "{}", "port": 5432}}}}', "n3sted"),
    ("json", '{{"password": {}, "x": 1}}', "80219455"),
    ("json", '{{"apiKey":"{}"}}', "9dk2ls81kd"),
    ("json", '{{"event":"payload {{\\"token\\": \\"{}\\"}}","level":"info"}}', "esc4ped9"),
    ("json", "{{\"event\":\"dict {{'password': '{}', 'user': 'bob'}}\"}}", "notregistered"),
    ("json", '{{"msg":"a\\tb postgres://u:{}@h/db \\u00e9"}}', "tabbedPw1"),
    (
        "json",
        '{{"event":"{{\\"a\\": \\"{{\\\\\\"secret\\\\\\": \\\\\\"{}\\\\\\"}}\\"}}"}}',
        "tw1ceEsc",
    ),
    ("json", '    "client_secret": "{}",', "pretty91kd"),
    ("json", 'INFO - extra {{"private_token": "{}", "timeout": 30}}', "emb3dded"),
    ("repr", "{{'host': 'db', 'password': '{}', 'port': 5432}}", "reprPw1"),
    ("repr", "Connection(login='etl', password='{}', schema='wh')", "r3pr pw"),
    ("repr", "{{'token': b'{}'}}", "byt3sTok"),
    ("repr", "kwargs={{'api_key': \"{}\", 'x': None}}", "it's-91kd"),
    ("repr", "auth=('etl', '{}')", "tupl3Pw"),
    ("repr", "HTTPBasicAuth('etl', '{}')", "basicPw9"),
    ("flag", "airflow users create --username bob --password {} --role Admin", "flagPw"),
    ("flag", "tool --api-key={} run", "fk91kd82"),
    ("flag", "tool --token '{}' run", "quoted tok 9"),
    ("flag", "Running: ['tool', '--password', '{}', '--verbose']", "argvPw1"),
    ("flag", "airflow connections add wh --conn-password {}", "connPw9"),
    ("flag", "mysql -u root -p{} -e 'select 1'", "mysqlPw1"),
    ("flag", "sshpass -p {} ssh etl@worker", "sshPw91"),
    ("flag", "curl -s -u etl:{} https://api.example.com", "curlPw9"),
    ("bearer", "Authorization: Bearer {}", BODY),
    ("bearer", "headers={{'Authorization': 'Bearer {}'}}", "opaque-91kd82ls"),
    ("bearer", "request failed (Bearer {}) with 401", "a1b2c3d4e5f6"),
    ("bearer", '-H "authorization: bearer {}"', "lower91kd82"),
    ("bearer", '{{"headers":{{"Authorization":"Bearer {}"}}}}', "jsn.91kd.82ls"),
    ("basic", "Authorization: Basic {}", BASIC),
    ("basic", "Proxy-Authorization: Basic {}", BASIC),
    ("basic", "sending Basic {} to proxy", BASIC),
    ("basic", "{{'Authorization': 'Basic {}', 'Accept': '*/*'}}", BASIC),
    ("authorization", "Authorization: Token {}", HEX),
    ("authorization", "authorization={}", "raw-91kd82ls"),
    ("jwt", "got {} from the login page", JWT),
    ("jwt", "id_token={}", JWT),
    ("jwt", '{{"event":"cookie value {}"}}', JWT),
    ("email", "mail to {} failed", "jane.doe@example.com"),
    ("email", '{{"owner": "{}"}}', "etl-team+prod@mail.example.co.uk"),
    ("email", "author <{}>", "j_doe@example.org"),
    ("email", '{{"event":"first\\n{}"}}', "bob@example.net"),
    ("aws", "using {} in eu-west-1", AWS_ID),
    ("aws", '{{"aws_access_key_id": "{}"}}', AWS_ID),
    ("aws", "aws configure set {}", AWS_SECRET),
    ("aws", "https://s3.example/k?X-Amz-Signature={}&x=1", HEX),
    ("gcp", "key={} quota exceeded", GCP),
    (
        "gcp",
        '"private_key": "-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----\\n"',
        PEM_LINE,
    ),
    ("azure", "AccountName=acme;AccountKey={};EndpointSuffix=core.example", AWS_SECRET + "=="),
    ("azure", "https://acme.blob.example/c/f.csv?sv=2024-11-04&sr=b&sig={}", SIG),
    (
        "azure",
        "Endpoint=sb://acme.example/;SharedAccessKeyName=root;SharedAccessKey={}",
        BODY + "=",
    ),
    ("github", "remote: {} expired", GITHUB),
    ("github", "cloning with {}", GITHUB_PAT),
    ("github", "https://x-access-token:{}@github.example/acme/dags", GITHUB),
    ("slack", "slack client {} is rate limited", SLACK),
    ("slack", "https://hooks.slack.com/services/{}", "T0AB1CD2E/B0FG3HI4J/kLmN5oPqR6sTuV7w"),
    ("webhook", "POST https://discord.com/api/webhooks/{} 404", "91827364/abCdEf-123_xyz"),
    ("webhook", "https://acme.webhook.office.com/webhookb2/{}", "ab12@cd34/IncomingWebhook/ef56"),
    ("stripe", "charge failed with {}", STRIPE),
    ("model", "openai error for {}", MODEL),
    ("fernet", "AIRFLOW__CORE__FERNET_KEY={}", FERNET),
    ("fernet", "fernet key {} is not valid", FERNET),
    ("cookie", "Cookie: session={}; theme=dark", "k2j4h6g8"),
    ("cookie", "Set-Cookie: sid={}; Path=/; HttpOnly", "s1d91kd"),
    ("cookie", "{{'Set-Cookie': 'csrftoken={}; Secure'}}", "csrf91kd"),
    ("sql", "ALTER USER etl WITH PASSWORD '{}'", "sqlPw91"),
    ("sql", "CREATE USER etl IDENTIFIED BY '{}'", "idPw"),
]
