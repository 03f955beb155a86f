package a

func f() {
	c := make(chan os.Signal)
	// bad
	signal.Notify(c, os.Interrupt)
	<-c
}
