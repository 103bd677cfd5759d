-- DuckDB 1.5.5; every statement is run in this folder.
SET TimeZone = 'UTC';
CREATE TABLE types AS SELECT
  i AS id,
  CASE WHEN i % 7 <> 1 THEN i % 3 = 0 END AS flag,
  CASE WHEN i % 7 <> 2 THEN (i % 255 - 127)::TINYINT END AS tiny,
  (i * 263 % 65536)::USMALLINT AS unsigned_small,
  (4294967295 - i)::UINTEGER AS unsigned_int,
  CASE WHEN i % 7 <> 3 THEN 9223372036854775807 - i * 1000000007 END AS big,
  (18446744073709551615 - i)::UBIGINT AS unsigned_big,
  ((i - 150) * 0.1)::DECIMAL(4, 1) AS decimal_4_1,
  CASE WHEN i % 7 <> 4 THEN ((i - 150) * 12345.67)::DECIMAL(9, 2) END AS decimal_9_2,
  ((i - 150) * 1234567890.125)::DECIMAL(18, 3) AS decimal_18_3,
  ((i - 150) * 12345678901234567890.0123456789)::DECIMAL(38, 10) AS decimal_38_10,
  ((i - 150) * 1000000007)::DECIMAL(18, 0) AS whole,
  (i * 0.1)::FLOAT AS single,
  CASE WHEN i % 7 <> 5 THEN i * 1.25 - 7 END::DOUBLE AS quarters,
  exp(i * 2.0 - 300) AS wide,
  CASE WHEN i % 7 <> 6 THEN DATE '0001-01-01' + (i * 12167)::INTEGER END AS day,
  CASE WHEN i % 7 <> 0 THEN TIMESTAMP '0001-01-01 00:00:00.000001' + INTERVAL (i * 292000) HOUR END AS instant,
  (TIMESTAMP '1969-12-31 23:59:59.5' + INTERVAL (i) SECOND)::TIMESTAMP_MS AS millis,
  (TIMESTAMP '2001-02-03 04:05:06.789012' + INTERVAL (i) SECOND)::TIMESTAMP_NS AS nanos,
  TIMESTAMPTZ '2001-02-03 04:05:06.7+02' + INTERVAL (i) MINUTE AS zoned,
  CASE WHEN i % 7 <> 3 THEN CASE WHEN i % 2 = 0 THEN 'wörd ' || i % 5 ELSE '日本 "' || i || '"' END END AS word,
  ('00000000-0000-4000-8000-' || lpad(i::VARCHAR, 12, '0'))::UUID AS uuid
FROM range(1, 301) AS t(i);
COPY types TO 'types.csv' (HEADER);
COPY types TO 'types-v1-snappy.parquet' (FORMAT parquet, COMPRESSION snappy);
COPY types TO 'types-v1-gzip.parquet' (FORMAT parquet, COMPRESSION gzip, DICTIONARY_SIZE_LIMIT 1);
COPY types TO 'types-v2-zstd.parquet' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2);
COPY types TO 'types-v2-brotli.parquet' (FORMAT parquet, COMPRESSION brotli, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1);
COPY types TO 'types-v1-lz4.parquet' (FORMAT parquet, COMPRESSION lz4_raw);
COPY (SELECT i AS id, CASE WHEN i % 4096 < 2048 THEN i % 10 END AS digit FROM range(6000) AS t(i))
  TO 'groups.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048);
COPY (SELECT 1 AS id, [1, 2] AS list) TO 'nested.parquet' (FORMAT parquet);
COPY (SELECT TIME '01:02:03' AS clock) TO 'time.parquet' (FORMAT parquet);
COPY (SELECT unnest(['\x41', '\xff'])::BLOB AS b) TO 'blob.parquet' (FORMAT parquet);
COPY (SELECT '2001-01-01 00:00:00.123456789'::TIMESTAMP_NS AS t) TO 'sub-micro.parquet' (FORMAT parquet);
COPY (SELECT 1 AS id WHERE false) TO 'no-rows.parquet' (FORMAT parquet);
