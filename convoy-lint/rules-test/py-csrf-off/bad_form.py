def send():
    # bad
    return TransferForm(csrf_enabled=False)
