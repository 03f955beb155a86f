import json
import pickle


def load(data):
    pickle.loads(b"\x80\x04N.")
    pickle.loads(pickle.dumps(data))
    json.loads(data)
    pickle.dumps(data)
