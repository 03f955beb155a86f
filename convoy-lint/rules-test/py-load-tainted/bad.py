import pickle
import numpy as np
from flask import request


def load():
    # bad
    pickle.Unpickler(request.files["f"]).load()
    # bad
    return np.load(request.files["f"], allow_pickle=True)
