package a

func f(all []*T) {
	for _, one := range all {
		one.mu.Lock()
		// bad
		defer one.mu.Unlock()
		one.n++
	}
}
