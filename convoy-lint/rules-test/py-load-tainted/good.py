import pickle
import numpy as np
from flask import request


def load(path):
    np.load(request.files["f"])
    return pickle.Unpickler(path).load()
