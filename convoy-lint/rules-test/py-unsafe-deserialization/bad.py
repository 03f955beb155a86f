import pickle


def load(request, data):
    # bad
    pickle.loads(request.data)
    # bad
    pickle.load(data)
