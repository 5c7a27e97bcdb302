"""The tabs of the admin screen, one file each. `tabs.TABS` lists them; `screens.admin_screen` shows them."""
