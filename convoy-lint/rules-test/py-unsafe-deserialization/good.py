import json
import pickle


def load(data):
    pickle.loads(b"\x80\x04N.")
    json.loads(data)
    pickle.dumps(data)
