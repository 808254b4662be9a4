"""设备: the screens, kiosks, rating tablets and terminals of the halls, and their pairing."""
