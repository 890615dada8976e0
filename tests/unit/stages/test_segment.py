import pyarrow as pa

from vocpipe.stages.base import Context
from vocpipe.stages.segment import Segment
from vocpipe.taxonomy import load_taxonomy


def test_offsets_point_into_the_text() -> None:
    texts = ["Livraison rapide mais le carton était ouvert. Merci !", "", "…"]
    columns = Segment().load(Context(load_taxonomy()))(pa.record_batch({"text": texts}))
    cut = [
        [text[start:end] for start, end in zip(*spans, strict=True)]
        for text, spans in zip(texts, zip(columns["opinion_start"], columns["opinion_end"], strict=True), strict=True)
    ]
    assert cut[0] == ["Livraison rapide", "mais le carton était ouvert.", "Merci !"]
    assert cut[1] == []
