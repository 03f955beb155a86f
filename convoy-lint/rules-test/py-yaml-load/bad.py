import yaml


def load(text):
    # bad
    yaml.load(text)
    # bad
    yaml.load(text, Loader=yaml.Loader)
    # bad
    yaml.unsafe_load(text)
    # bad
    yaml.load(text, yaml.Loader)
    # bad
    yaml.load(text, UnsafeLoader)
    # bad
    yaml.load_all(text, yaml.FullLoader)
