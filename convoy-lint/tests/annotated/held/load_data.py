import json
import marshal
import pickle
import pickle as pk
import shelve
from pickle import loads as unpickle

import dill
import jsonpickle
import numpy as np
import pandas as pd
import torch
import yaml
from flask import Flask, request
from yaml import Loader, load

app = Flask(__name__)


@app.route("/a", methods=["POST"])
def a():
    pickle.loads(request.data)  # CWE-502
    unpickle(request.data)  # CWE-502
    pk.load(request.files["f"])  # CWE-502
    marshal.loads(request.data)  # CWE-502
    dill.loads(request.data)  # CWE-502
    jsonpickle.decode(request.data)  # CWE-502
    yaml.load(request.data)  # CWE-502
    yaml.load(request.data, Loader=yaml.UnsafeLoader)  # CWE-502
    load(request.data, Loader=Loader)  # CWE-502
    shelve.open(request.args["name"])  # CWE-502,22
    pickle.Unpickler(request.files["f"]).load()  # CWE-502
    pd.read_pickle(request.files["f"])  # CWE-502
    np.load(request.files["f"], allow_pickle=True)  # CWE-502
    return ""


@app.route("/b", methods=["POST"])
def b():
    json.loads(request.data)
    yaml.safe_load(request.data)
    yaml.load(request.data, Loader=yaml.SafeLoader)
    torch.load("model.pt", weights_only=True)
    np.load("x.npy")
    return ""
