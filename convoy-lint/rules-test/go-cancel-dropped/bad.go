package a

func f(ctx context.Context) {
	// bad
	ctx, _ = context.WithTimeout(ctx, time.Second)
	// bad
	other, _ := context.WithCancel(ctx)
}
