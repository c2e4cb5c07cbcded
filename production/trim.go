package production

func (a *Area) trim() {}
