import threading

# bad
threading.Thread(target=work()).start()
