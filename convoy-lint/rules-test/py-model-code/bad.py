import torch

# bad
model = torch.load(path, weights_only=False)
