package a

func f(other chan os.Signal) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Notify(other, os.Interrupt)
	<-c
}
