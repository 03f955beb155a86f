class Channel:
    def __del__(self):
        try:
            self.close()
        except:
            pass
