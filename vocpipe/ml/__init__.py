"""Run the embedded transformer: model store, cards, ONNX Runtime backend."""
