"""Headwear: caps, beanies, turbans, hoods and scarves as cloth over the head, kept from the photo that shows them."""
