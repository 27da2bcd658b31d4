"""The verifying core: bytes, observations and trust anchors in, a verdict out.

No input or output happens here, and no code is shared with what writes a case except
the definitions of the formats. Order of calls: `log.LogReader` over the lines and
checkpoints, then the caller looks at the files the log names, then `judge.judge`.
"""
