"""pyarrow 25.0.1; run in this folder. Types and encodings that DuckDB does not write."""

import datetime as dt
import math

import pyarrow as pa
import pyarrow.parquet as pq

rows = range(40)
micros = [dt.datetime(2001, 2, 3, 4, 5, 6, 789012) + dt.timedelta(days=37 * i) for i in rows]
legacy = pa.table(
    {
        "int96": pa.array([None if i % 5 == 1 else t for i, t in enumerate(micros)], pa.timestamp("us")),
    }
)
pq.write_table(legacy, "int96.parquet", use_deprecated_int96_timestamps=True)

half = [i / 8 - 2 for i in rows]
encodings = pa.table(
    {
        "id": pa.array(list(rows), pa.int32()),
        "half": pa.array(half, pa.float16()),
        "single": pa.array([i / 10 for i in rows], pa.float32()),
        "word": pa.array([None if i % 6 == 2 else f"word {i % 4}" for i in rows]),
        "millis": pa.array(micros, pa.timestamp("us")).cast(pa.timestamp("ms"), safe=False),
        "small": pa.array([-(i**2) for i in rows], pa.int16()),
    }
)
pq.write_table(
    encodings,
    "encodings.parquet",
    version="2.6",
    data_page_version="2.0",
    use_dictionary=False,
    compression="none",
    column_encoding={
        "id": "DELTA_BINARY_PACKED",
        "single": "BYTE_STREAM_SPLIT",
        "word": "DELTA_BYTE_ARRAY",
        "millis": "DELTA_BINARY_PACKED",
    },
)
pq.write_table(encodings.drop(["half"]), "converted.parquet", version="1.0")
pq.write_table(pa.table({"x": pa.array([1.5, math.nan, 2.0])}), "nan.parquet")
pq.write_table(pa.table({"x": pa.array([None, None], pa.float64())}), "all-null.parquet")
pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), "twice.parquet")
