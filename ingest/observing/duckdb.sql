-- What Ibis makes of the expressions of aggregate.py for DuckDB. Written by
--   python -m ingest.observing.written
-- Ibis 12.0.0
-- key: c98747a8e5eb44e2bdf4e5b7115791f5

-- query: account.0.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_0" AS "t2"
    INNER JOIN "coded_0" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: account.0.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_0" AS "t2"
INNER JOIN "coded_0" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: account.0.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."signup_ip" AS "raw",
    "t0"."created_at" AS "ts",
    FALSE AS "claimed"
  FROM "rows_account" AS "t0"
  WHERE
    "t0"."signup_ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: account.0.raws
SELECT DISTINCT
  "t0"."signup_ip" AS "raw"
FROM "rows_account" AS "t0"
WHERE
  "t0"."signup_ip" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: account.0.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."signup_ip" AS "raw",
    "t0"."created_at" AS "ts",
    FALSE AS "claimed"
  FROM "rows_account" AS "t0"
  WHERE
    "t0"."signup_ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_0" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: account.1.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_1" AS "t2"
    INNER JOIN "coded_1" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: account.1.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_1" AS "t2"
INNER JOIN "coded_1" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: account.1.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."email_domain" AS "raw",
    "t0"."created_at" AS "ts",
    FALSE AS "claimed"
  FROM "rows_account" AS "t0"
  WHERE
    "t0"."email_domain" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: account.1.raws
SELECT DISTINCT
  "t0"."email_domain" AS "raw"
FROM "rows_account" AS "t0"
WHERE
  "t0"."email_domain" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: account.1.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."email_domain" AS "raw",
    "t0"."created_at" AS "ts",
    FALSE AS "claimed"
  FROM "rows_account" AS "t0"
  WHERE
    "t0"."email_domain" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_1" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: account.accounts_by_day
SELECT
  "t1"."account",
  "t1"."account_id",
  CAST("t1"."created_at" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."created_at") AS "first",
  MAX("t1"."created_at") AS "last"
FROM (
  SELECT
    *
  FROM "rows_account" AS "t0"
  WHERE
    "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: activity
SELECT
  "t0"."account",
  "t0"."model",
  "t0"."capability",
  "t0"."moment" AS "hour",
  COUNT(*) AS "exchanges",
  SUM(CAST("t0"."elicitation" IS NOT NULL AS BIGINT)) AS "elicited",
  COALESCE(SUM("t0"."input_tokens"), 0) AS "input_tokens",
  COALESCE(SUM("t0"."output_tokens"), 0) AS "output_tokens"
FROM "asked" AS "t0"
GROUP BY
  1,
  2,
  3,
  4

-- query: device_sighting.0.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_0" AS "t2"
    INNER JOIN "coded_0" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: device_sighting.0.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_0" AS "t2"
INNER JOIN "coded_0" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: device_sighting.0.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."device_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_device_sighting" AS "t0"
  WHERE
    "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: device_sighting.0.raws
SELECT DISTINCT
  "t0"."device_fingerprint" AS "raw"
FROM "rows_device_sighting" AS "t0"
WHERE
  "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: device_sighting.0.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."device_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_device_sighting" AS "t0"
  WHERE
    "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_0" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: device_sighting.1.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_1" AS "t2"
    INNER JOIN "coded_1" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: device_sighting.1.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_1" AS "t2"
INNER JOIN "coded_1" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: device_sighting.1.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_device_sighting" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: device_sighting.1.raws
SELECT DISTINCT
  "t0"."ip" AS "raw"
FROM "rows_device_sighting" AS "t0"
WHERE
  "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: device_sighting.1.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_device_sighting" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_1" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: device_sighting.accounts_by_day
SELECT
  "t1"."account",
  "t1"."account_id",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last"
FROM (
  SELECT
    *
  FROM "rows_device_sighting" AS "t0"
  WHERE
    "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: exchange.0.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_0" AS "t2"
    INNER JOIN "coded_0" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: exchange.0.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_0" AS "t2"
INNER JOIN "coded_0" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: exchange.0.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."device_fingerprint" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',device_fingerprint,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: exchange.0.raws
SELECT DISTINCT
  "t0"."device_fingerprint" AS "raw"
FROM "rows_exchange" AS "t0"
WHERE
  "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: exchange.0.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."device_fingerprint" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',device_fingerprint,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_0" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: exchange.1.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_1" AS "t2"
    INNER JOIN "coded_1" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: exchange.1.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_1" AS "t2"
INNER JOIN "coded_1" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: exchange.1.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',ip,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: exchange.1.raws
SELECT DISTINCT
  "t0"."ip" AS "raw"
FROM "rows_exchange" AS "t0"
WHERE
  "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: exchange.1.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',ip,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_1" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: exchange.2.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_2" AS "t2"
    INNER JOIN "coded_2" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: exchange.2.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_2" AS "t2"
INNER JOIN "coded_2" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: exchange.2.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."prompt_cluster" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',prompt_cluster,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."prompt_cluster" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: exchange.2.raws
SELECT DISTINCT
  "t0"."prompt_cluster" AS "raw"
FROM "rows_exchange" AS "t0"
WHERE
  "t0"."prompt_cluster" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: exchange.2.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."prompt_cluster" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',prompt_cluster,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."prompt_cluster" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_2" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: exchange.3.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_3" AS "t2"
    INNER JOIN "coded_3" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: exchange.3.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_3" AS "t2"
INNER JOIN "coded_3" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: exchange.3.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."api_key_id" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',api_key_id,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."api_key_id" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: exchange.3.raws
SELECT DISTINCT
  "t0"."api_key_id" AS "raw"
FROM "rows_exchange" AS "t0"
WHERE
  "t0"."api_key_id" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: exchange.3.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."api_key_id" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',api_key_id,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."api_key_id" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_3" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: exchange.4.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_4" AS "t2"
    INNER JOIN "coded_4" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: exchange.4.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_4" AS "t2"
INNER JOIN "coded_4" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: exchange.4.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."tls_fingerprint" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',tls_fingerprint,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."tls_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: exchange.4.raws
SELECT DISTINCT
  "t0"."tls_fingerprint" AS "raw"
FROM "rows_exchange" AS "t0"
WHERE
  "t0"."tls_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: exchange.4.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."tls_fingerprint" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',tls_fingerprint,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."tls_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_4" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: exchange.5.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_5" AS "t2"
    INNER JOIN "coded_5" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: exchange.5.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_5" AS "t2"
INNER JOIN "coded_5" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: exchange.5.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."user_agent" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',user_agent,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: exchange.5.raws
SELECT DISTINCT
  "t0"."user_agent" AS "raw"
FROM "rows_exchange" AS "t0"
WHERE
  "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: exchange.5.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."user_agent" AS "raw",
    "t0"."ts",
    CASE
      WHEN "t0"."claimed" IS NULL
      THEN FALSE
      ELSE CONTAINS(',' || "t0"."claimed" || ',', ',user_agent,')
    END AS "claimed"
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_5" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: exchange.accounts_by_day
SELECT
  "t1"."account",
  "t1"."account_id",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last"
FROM (
  SELECT
    *
  FROM "rows_exchange" AS "t0"
  WHERE
    "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: http_request.0.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_0" AS "t2"
    INNER JOIN "coded_0" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: http_request.0.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_0" AS "t2"
INNER JOIN "coded_0" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: http_request.0.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_http_request" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: http_request.0.raws
SELECT DISTINCT
  "t0"."ip" AS "raw"
FROM "rows_http_request" AS "t0"
WHERE
  "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: http_request.0.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_http_request" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_0" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: http_request.1.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_1" AS "t2"
    INNER JOIN "coded_1" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: http_request.1.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_1" AS "t2"
INNER JOIN "coded_1" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: http_request.1.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."tls_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_http_request" AS "t0"
  WHERE
    "t0"."tls_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: http_request.1.raws
SELECT DISTINCT
  "t0"."tls_fingerprint" AS "raw"
FROM "rows_http_request" AS "t0"
WHERE
  "t0"."tls_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: http_request.1.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."tls_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_http_request" AS "t0"
  WHERE
    "t0"."tls_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_1" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: http_request.2.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_2" AS "t2"
    INNER JOIN "coded_2" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: http_request.2.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_2" AS "t2"
INNER JOIN "coded_2" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: http_request.2.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."user_agent" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_http_request" AS "t0"
  WHERE
    "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: http_request.2.raws
SELECT DISTINCT
  "t0"."user_agent" AS "raw"
FROM "rows_http_request" AS "t0"
WHERE
  "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: http_request.2.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."user_agent" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_http_request" AS "t0"
  WHERE
    "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_2" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: http_request.accounts_by_day
SELECT
  "t1"."account",
  "t1"."account_id",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last"
FROM (
  SELECT
    *
  FROM "rows_http_request" AS "t0"
  WHERE
    "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: login.0.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_0" AS "t2"
    INNER JOIN "coded_0" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: login.0.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_0" AS "t2"
INNER JOIN "coded_0" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: login.0.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."device_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_login" AS "t0"
  WHERE
    "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: login.0.raws
SELECT DISTINCT
  "t0"."device_fingerprint" AS "raw"
FROM "rows_login" AS "t0"
WHERE
  "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: login.0.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."device_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_login" AS "t0"
  WHERE
    "t0"."device_fingerprint" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_0" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: login.1.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_1" AS "t2"
    INNER JOIN "coded_1" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: login.1.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_1" AS "t2"
INNER JOIN "coded_1" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: login.1.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_login" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: login.1.raws
SELECT DISTINCT
  "t0"."ip" AS "raw"
FROM "rows_login" AS "t0"
WHERE
  "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: login.1.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."ip" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_login" AS "t0"
  WHERE
    "t0"."ip" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_1" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: login.2.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_2" AS "t2"
    INNER JOIN "coded_2" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: login.2.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_2" AS "t2"
INNER JOIN "coded_2" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: login.2.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."user_agent" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_login" AS "t0"
  WHERE
    "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: login.2.raws
SELECT DISTINCT
  "t0"."user_agent" AS "raw"
FROM "rows_login" AS "t0"
WHERE
  "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL

-- query: login.2.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    "t0"."user_agent" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_login" AS "t0"
  WHERE
    "t0"."user_agent" IS NOT NULL AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_2" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: login.accounts_by_day
SELECT
  "t1"."account",
  "t1"."account_id",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last"
FROM (
  SELECT
    *
  FROM "rows_login" AS "t0"
  WHERE
    "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: payment.0.by_day
SELECT
  *
FROM (
  SELECT
    "t4"."account",
    "t4"."code",
    "t4"."day",
    SUM("t4"."count") AS "count",
    MIN("t4"."first") AS "first",
    MAX("t4"."last") AS "last",
    SUM("t4"."claimed") AS "claimed"
  FROM (
    SELECT
      "t2"."account",
      "t2"."raw",
      "t2"."day",
      "t2"."count",
      "t2"."first",
      "t2"."last",
      "t2"."claimed",
      "t3"."code"
    FROM "grouped_0" AS "t2"
    INNER JOIN "coded_0" AS "t3"
      ON "t2"."raw" = "t3"."raw"
  ) AS "t4"
  GROUP BY
    1,
    2,
    3
) AS "t5"

-- query: payment.0.by_day_apart
SELECT
  "t2"."account",
  "t3"."code",
  "t2"."day",
  "t2"."count",
  "t2"."first",
  "t2"."last",
  "t2"."claimed"
FROM "grouped_0" AS "t2"
INNER JOIN "coded_0" AS "t3"
  ON "t2"."raw" = "t3"."raw"

-- query: payment.0.grouped
SELECT
  "t1"."account",
  "t1"."raw",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last",
  SUM(CAST("t1"."claimed" AS BIGINT)) AS "claimed"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    COALESCE("t0"."psp", '') || '/' || "t0"."payment_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_payment" AS "t0"
  WHERE
    (
      COALESCE("t0"."psp", '') || '/' || "t0"."payment_fingerprint"
    ) IS NOT NULL
    AND "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3

-- query: payment.0.raws
SELECT DISTINCT
  COALESCE("t0"."psp", '') || '/' || "t0"."payment_fingerprint" AS "raw"
FROM "rows_payment" AS "t0"
WHERE
  (
    COALESCE("t0"."psp", '') || '/' || "t0"."payment_fingerprint"
  ) IS NOT NULL
  AND "t0"."account" IS NOT NULL

-- query: payment.0.rows
SELECT
  "t4"."account",
  "t2"."code",
  "t4"."ts",
  "t4"."claimed",
  "t4"."load_id",
  "t4"."row"
FROM (
  SELECT
    "t0"."account",
    "t0"."load_id",
    "t0"."row",
    COALESCE("t0"."psp", '') || '/' || "t0"."payment_fingerprint" AS "raw",
    "t0"."ts",
    FALSE AS "claimed"
  FROM "rows_payment" AS "t0"
  WHERE
    (
      COALESCE("t0"."psp", '') || '/' || "t0"."payment_fingerprint"
    ) IS NOT NULL
    AND "t0"."account" IS NOT NULL
) AS "t4"
INNER JOIN "coded_0" AS "t2"
  ON "t4"."raw" = "t2"."raw"

-- query: payment.accounts_by_day
SELECT
  "t1"."account",
  "t1"."account_id",
  CAST("t1"."ts" AS DATE) AS "day",
  COUNT(*) AS "count",
  MIN("t1"."ts") AS "first",
  MAX("t1"."ts") AS "last"
FROM (
  SELECT
    *
  FROM "rows_payment" AS "t0"
  WHERE
    "t0"."account" IS NOT NULL
) AS "t1"
GROUP BY
  1,
  2,
  3
