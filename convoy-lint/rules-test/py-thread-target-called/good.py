import threading

threading.Thread(target=work, args=(1,)).start()
threading.Thread(target=partial(work, 1)).start()
threading.Thread(target=wrap(work)).start()
aim(target=work())
