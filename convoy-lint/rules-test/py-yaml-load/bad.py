import yaml


def load(text):
    # bad
    yaml.load(text)
    # bad
    yaml.load(text, Loader=yaml.Loader)
    # bad
    yaml.unsafe_load(text)
