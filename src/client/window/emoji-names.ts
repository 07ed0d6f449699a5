/** Short names of emoji, each before its emoji: those of GitHub, from emojibase-data (MIT). Made by scripts/emoji.ts. */
export const EMOJI_NAMES = `
+1 👍 -1 👎 100 💯 1234 🔢 1st_place_medal 🥇 2nd_place_medal 🥈 3rd_place_medal 🥉 8ball 🎱 a 🅰 ab 🆎 abacus 🧮
abc 🔤 abcd 🔡 accept 🉑 accordion 🪗 adhesive_bandage 🩹 adult 🧑 aerial_tramway 🚡 airplane ✈ alarm_clock ⏰
alembic ⚗ alien 👽 ambulance 🚑 amphora 🏺 anatomical_heart 🫀 anchor ⚓ angel 👼 anger 💢 angry 😠 anguished 😧
ant 🐜 apple 🍎 aquarius ♒ aries ♈ arrow_backward ◀ arrow_double_down ⏬ arrow_double_up ⏫ arrow_down ⬇
arrow_down_small 🔽 arrow_forward ▶ arrow_heading_down ⤵ arrow_heading_up ⤴ arrow_left ⬅ arrow_lower_left ↙
arrow_lower_right ↘ arrow_right ➡ arrow_right_hook ↪ arrow_up ⬆ arrow_up_down ↕ arrow_up_small 🔼 arrow_upper_left ↖
arrow_upper_right ↗ arrows_clockwise 🔃 arrows_counterclockwise 🔄 art 🎨 articulated_lorry 🚛
artificial_satellite 🛰 astonished 😲 athletic_shoe 👟 atm 🏧 atom_symbol ⚛ auto_rickshaw 🛺 avocado 🥑 axe 🪓 b 🅱
baby 👶 baby_bottle 🍼 baby_chick 🐤 baby_symbol 🚼 back 🔙 bacon 🥓 badger 🦡 badminton 🏸 bagel 🥯
baggage_claim 🛄 baguette_bread 🥖 balance_scale ⚖ ballet_shoes 🩰 balloon 🎈 ballot_box 🗳 ballot_box_with_check ☑
bamboo 🎍 banana 🍌 bangbang ‼ banjo 🪕 bank 🏦 bar_chart 📊 barber 💈 baseball ⚾ basket 🧺 basketball 🏀 bat 🦇
bath 🛀 bathtub 🛁 battery 🔋 beach_umbrella 🏖 beans 🫘 bear 🐻 bearded_person 🧔 beaver 🦫 bed 🛏 bee 🐝 beer 🍺
beers 🍻 beetle 🪲 beginner 🔰 bell 🔔 bell_pepper 🫑 bellhop_bell 🛎 bento 🍱 beverage_box 🧃 bicyclist 🚴 bike 🚲
bikini 👙 billed_cap 🧢 biohazard ☣ bird 🐦 birthday 🎂 bison 🦬 biting_lip 🫦 black_circle ⚫ black_flag 🏴
black_heart 🖤 black_joker 🃏 black_large_square ⬛ black_medium_small_square ◾ black_medium_square ◼ black_nib ✒
black_small_square ▪ black_square_button 🔲 blond_haired_person 👱 blossom 🌼 blowfish 🐡 blue_book 📘 blue_car 🚙
blue_heart 💙 blue_square 🟦 blueberries 🫐 blush 😊 boar 🐗 boat ⛵ bomb 💣 bone 🦴 book 📖 bookmark 🔖
bookmark_tabs 📑 books 📚 boom 💥 boomerang 🪃 boot 👢 bouncing_ball_person ⛹ bouquet 💐 bow 🙇 bow_and_arrow 🏹
bowl_with_spoon 🥣 bowling 🎳 boxing_glove 🥊 boy 👦 brain 🧠 bread 🍞 breast_feeding 🤱 bricks 🧱
bridge_at_night 🌉 briefcase 💼 broccoli 🥦 broken_heart 💔 broom 🧹 brown_circle 🟤 brown_heart 🤎 brown_square 🟫
bubble_tea 🧋 bubbles 🫧 bucket 🪣 bug 🐛 building_construction 🏗 bulb 💡 bullettrain_front 🚅 bullettrain_side 🚄
burrito 🌯 bus 🚌 business_suit_levitating 🕴 busstop 🚏 bust_in_silhouette 👤 busts_in_silhouette 👥 butter 🧈
butterfly 🦋 cactus 🌵 cake 🍰 calendar 📆 call_me_hand 🤙 calling 📲 camel 🐫 camera 📷 camera_flash 📸 camping 🏕
cancer ♋ candle 🕯 candy 🍬 canned_food 🥫 canoe 🛶 capital_abcd 🔠 capricorn ♑ car 🚗 card_file_box 🗃
card_index 📇 card_index_dividers 🗂 carousel_horse 🎠 carpentry_saw 🪚 carrot 🥕 cartwheeling 🤸 cat 🐱 cat2 🐈
cd 💿 chains ⛓ chair 🪑 champagne 🍾 chart 💹 chart_with_downwards_trend 📉 chart_with_upwards_trend 📈
checkered_flag 🏁 cheese 🧀 cherries 🍒 cherry_blossom 🌸 chess_pawn ♟ chestnut 🌰 chicken 🐔 child 🧒
children_crossing 🚸 chipmunk 🐿 chocolate_bar 🍫 chopsticks 🥢 christmas_tree 🎄 church ⛪ cinema 🎦 circus_tent 🎪
city_sunrise 🌇 city_sunset 🌆 cityscape 🏙 cl 🆑 clamp 🗜 clap 👏 clapper 🎬 classical_building 🏛 climbing 🧗
clinking_glasses 🥂 clipboard 📋 clock1 🕐 clock10 🕙 clock1030 🕥 clock11 🕚 clock1130 🕦 clock12 🕛 clock1230 🕧
clock130 🕜 clock2 🕑 clock230 🕝 clock3 🕒 clock330 🕞 clock4 🕓 clock430 🕟 clock5 🕔 clock530 🕠 clock6 🕕
clock630 🕡 clock7 🕖 clock730 🕢 clock8 🕗 clock830 🕣 clock9 🕘 clock930 🕤 closed_book 📕 closed_lock_with_key 🔐
closed_umbrella 🌂 cloud ☁ cloud_with_lightning 🌩 cloud_with_lightning_and_rain ⛈ cloud_with_rain 🌧
cloud_with_snow 🌨 clown_face 🤡 clubs ♣ coat 🧥 cockroach 🪳 cocktail 🍸 coconut 🥥 coffee ☕ coffin ⚰ coin 🪙
cold_face 🥶 cold_sweat 😰 collision 💥 comet ☄ compass 🧭 computer 💻 computer_mouse 🖱 confetti_ball 🎊
confounded 😖 confused 😕 congratulations ㊗ construction 🚧 construction_worker 👷 control_knobs 🎛
convenience_store 🏪 cookie 🍪 cool 🆒 cop 👮 copyright © coral 🪸 corn 🌽 couch_and_lamp 🛋 couple 👫
couple_with_heart 💑 couplekiss 💏 cow 🐮 cow2 🐄 cowboy_hat_face 🤠 crab 🦀 crayon 🖍 credit_card 💳
crescent_moon 🌙 cricket 🦗 cricket_game 🏏 crocodile 🐊 croissant 🥐 crossed_fingers 🤞 crossed_flags 🎌
crossed_swords ⚔ crown 👑 crutch 🩼 cry 😢 crying_cat_face 😿 crystal_ball 🔮 cucumber 🥒 cup_with_straw 🥤
cupcake 🧁 cupid 💘 curling_stone 🥌 curly_loop ➰ currency_exchange 💱 curry 🍛 cursing_face 🤬 custard 🍮
customs 🛃 cut_of_meat 🥩 cyclone 🌀 dagger 🗡 dancer 💃 dancers 👯 dango 🍡 dark_sunglasses 🕶 dart 🎯 dash 💨
date 📅 deaf_person 🧏 deciduous_tree 🌳 deer 🦌 department_store 🏬 derelict_house 🏚 desert 🏜 desert_island 🏝
desktop_computer 🖥 detective 🕵 diamond_shape_with_a_dot_inside 💠 diamonds ♦ disappointed 😞
disappointed_relieved 😥 disguised_face 🥸 diving_mask 🤿 diya_lamp 🪔 dizzy 💫 dizzy_face 😵 dna 🧬
do_not_litter 🚯 dodo 🦤 dog 🐶 dog2 🐕 dollar 💵 dolls 🎎 dolphin 🐬 donkey 🫏 door 🚪 dotted_line_face 🫥
doughnut 🍩 dove 🕊 dragon 🐉 dragon_face 🐲 dress 👗 dromedary_camel 🐪 drooling_face 🤤 drop_of_blood 🩸
droplet 💧 drum 🥁 duck 🦆 dumpling 🥟 dvd 📀 e-mail 📧 eagle 🦅 ear 👂 ear_of_rice 🌾 ear_with_hearing_aid 🦻
earth_africa 🌍 earth_americas 🌎 earth_asia 🌏 egg 🥚 eggplant 🍆 eight_pointed_black_star ✴
eight_spoked_asterisk ✳ eject_button ⏏ electric_plug 🔌 elephant 🐘 elevator 🛗 elf 🧝 email 📧 empty_nest 🪹 end 🔚
envelope ✉ envelope_with_arrow 📩 euro 💶 european_castle 🏰 european_post_office 🏤 evergreen_tree 🌲 exclamation ❗
exploding_head 🤯 expressionless 😑 eye 👁 eyeglasses 👓 eyes 👀 face_holding_back_tears 🥹
face_with_diagonal_mouth 🫤 face_with_head_bandage 🤕 face_with_open_eyes_and_hand_over_mouth 🫢
face_with_peeking_eye 🫣 face_with_thermometer 🤒 facepalm 🤦 facepunch 👊 factory 🏭 fairy 🧚 falafel 🧆
fallen_leaf 🍂 family 👪 fast_forward ⏩ fax 📠 fearful 😨 feather 🪶 feet 🐾 female_sign ♀ ferris_wheel 🎡 ferry ⛴
field_hockey 🏑 file_cabinet 🗄 file_folder 📁 film_projector 📽 film_strip 🎞 fire 🔥 fire_engine 🚒
fire_extinguisher 🧯 firecracker 🧨 fireworks 🎆 first_quarter_moon 🌓 first_quarter_moon_with_face 🌛 fish 🐟
fish_cake 🍥 fishing_pole_and_fish 🎣 fist ✊ fist_left 🤛 fist_oncoming 👊 fist_raised ✊ fist_right 🤜 flags 🎏
flamingo 🦩 flashlight 🔦 flat_shoe 🥿 flatbread 🫓 fleur_de_lis ⚜ flight_arrival 🛬 flight_departure 🛫 flipper 🐬
floppy_disk 💾 flower_playing_cards 🎴 flushed 😳 flute 🪈 fly 🪰 flying_disc 🥏 flying_saucer 🛸 fog 🌫 foggy 🌁
folding_hand_fan 🪭 fondue 🫕 foot 🦶 football 🏈 footprints 👣 fork_and_knife 🍴 fortune_cookie 🥠 fountain ⛲
fountain_pen 🖋 four_leaf_clover 🍀 fox_face 🦊 framed_picture 🖼 free 🆓 fried_egg 🍳 fried_shrimp 🍤 fries 🍟
frog 🐸 frowning 😦 frowning_face ☹ frowning_person 🙍 fu 🖕 fuelpump ⛽ full_moon 🌕 full_moon_with_face 🌝
funeral_urn ⚱ game_die 🎲 garlic 🧄 gear ⚙ gem 💎 gemini ♊ genie 🧞 ghost 👻 gift 🎁 gift_heart 💝 ginger_root 🫚
giraffe 🦒 girl 👧 globe_with_meridians 🌐 gloves 🧤 goal_net 🥅 goat 🐐 goggles 🥽 golf ⛳ golfing 🏌 goose 🪿
gorilla 🦍 grapes 🍇 green_apple 🍏 green_book 📗 green_circle 🟢 green_heart 💚 green_salad 🥗 green_square 🟩
grey_exclamation ❕ grey_heart 🩶 grey_question ❔ grimacing 😬 grin 😁 grinning 😀 guard 💂 guide_dog 🦮 guitar 🎸
gun 🔫 hair_pick 🪮 haircut 💇 hamburger 🍔 hammer 🔨 hammer_and_pick ⚒ hammer_and_wrench 🛠 hamsa 🪬 hamster 🐹
hand ✋ hand_over_mouth 🤭 hand_with_index_finger_and_thumb_crossed 🫰 handbag 👜 handball_person 🤾 handshake 🤝
hankey 💩 hatched_chick 🐥 hatching_chick 🐣 headphones 🎧 headstone 🪦 hear_no_evil 🙉 heart ❤ heart_decoration 💟
heart_eyes 😍 heart_eyes_cat 😻 heart_hands 🫶 heartbeat 💓 heartpulse 💗 hearts ♥ heavy_check_mark ✔
heavy_division_sign ➗ heavy_dollar_sign 💲 heavy_equals_sign 🟰 heavy_exclamation_mark ❗ heavy_heart_exclamation ❣
heavy_minus_sign ➖ heavy_multiplication_x ✖ heavy_plus_sign ➕ hedgehog 🦔 helicopter 🚁 herb 🌿 hibiscus 🌺
high_brightness 🔆 high_heel 👠 hiking_boot 🥾 hindu_temple 🛕 hippopotamus 🦛 hocho 🔪 hole 🕳 honey_pot 🍯
honeybee 🐝 hook 🪝 horse 🐴 horse_racing 🏇 hospital 🏥 hot_face 🥵 hot_pepper 🌶 hotdog 🌭 hotel 🏨 hotsprings ♨
hourglass ⌛ hourglass_flowing_sand ⏳ house 🏠 house_with_garden 🏡 houses 🏘 hugs 🤗 hushed 😯 hut 🛖 hyacinth 🪻
ice_cream 🍨 ice_cube 🧊 ice_hockey 🏒 ice_skate ⛸ icecream 🍦 id 🆔 identification_card 🪪 ideograph_advantage 🉐
imp 👿 inbox_tray 📥 incoming_envelope 📨 index_pointing_at_the_viewer 🫵 infinity ♾ information_desk_person 💁
information_source ℹ innocent 😇 interrobang ⁉ iphone 📱 izakaya_lantern 🏮 jack_o_lantern 🎃 japan 🗾
japanese_castle 🏯 japanese_goblin 👺 japanese_ogre 👹 jar 🫙 jeans 👖 jellyfish 🪼 jigsaw 🧩 joy 😂 joy_cat 😹
joystick 🕹 juggling_person 🤹 kaaba 🕋 kangaroo 🦘 key 🔑 keyboard ⌨ keycap_ten 🔟 khanda 🪯 kick_scooter 🛴
kimono 👘 kiss 💋 kissing 😗 kissing_cat 😽 kissing_closed_eyes 😚 kissing_heart 😘 kissing_smiling_eyes 😙 kite 🪁
kiwi_fruit 🥝 kneeling_person 🧎 knife 🔪 knot 🪢 koala 🐨 koko 🈁 lab_coat 🥼 label 🏷 lacrosse 🥍 ladder 🪜
lady_beetle 🐞 lantern 🏮 large_blue_circle 🔵 large_blue_diamond 🔷 large_orange_diamond 🔶 last_quarter_moon 🌗
last_quarter_moon_with_face 🌜 latin_cross ✝ laughing 😆 leafy_green 🥬 leaves 🍃 ledger 📒 left_luggage 🛅
left_right_arrow ↔ left_speech_bubble 🗨 leftwards_arrow_with_hook ↩ leftwards_hand 🫲 leftwards_pushing_hand 🫷
leg 🦵 lemon 🍋 leo ♌ leopard 🐆 level_slider 🎚 libra ♎ light_blue_heart 🩵 light_rail 🚈 link 🔗 lion 🦁 lips 👄
lipstick 💄 lizard 🦎 llama 🦙 lobster 🦞 lock 🔒 lock_with_ink_pen 🔏 lollipop 🍭 long_drum 🪘 loop ➿
lotion_bottle 🧴 lotus 🪷 lotus_position 🧘 loud_sound 🔊 loudspeaker 📢 love_hotel 🏩 love_letter 💌
love_you_gesture 🤟 low_battery 🪫 low_brightness 🔅 luggage 🧳 lungs 🫁 lying_face 🤥 m Ⓜ mag 🔍 mag_right 🔎
mage 🧙 magic_wand 🪄 magnet 🧲 mahjong 🀄 mailbox 📫 mailbox_closed 📪 mailbox_with_mail 📬 mailbox_with_no_mail 📭
male_sign ♂ mammoth 🦣 man 👨 man_dancing 🕺 man_with_gua_pi_mao 👲 mandarin 🍊 mango 🥭 mans_shoe 👞
mantelpiece_clock 🕰 manual_wheelchair 🦽 maple_leaf 🍁 maracas 🪇 martial_arts_uniform 🥋 mask 😷 massage 💆
mate 🧉 meat_on_bone 🍖 mechanical_arm 🦾 mechanical_leg 🦿 medal_military 🎖 medal_sports 🏅 medical_symbol ⚕
mega 📣 melon 🍈 melting_face 🫠 memo 📝 menorah 🕎 mens 🚹 merperson 🧜 metal 🤘 metro 🚇 microbe 🦠 microphone 🎤
microscope 🔬 middle_finger 🖕 military_helmet 🪖 milk_glass 🥛 milky_way 🌌 minibus 🚐 minidisc 💽 mirror 🪞
mirror_ball 🪩 mobile_phone_off 📴 money_mouth_face 🤑 money_with_wings 💸 moneybag 💰 monkey 🐒 monkey_face 🐵
monocle_face 🧐 monorail 🚝 moon 🌔 moon_cake 🥮 moose 🫎 mortar_board 🎓 mosque 🕌 mosquito 🦟 motor_boat 🛥
motor_scooter 🛵 motorcycle 🏍 motorized_wheelchair 🦼 motorway 🛣 mount_fuji 🗻 mountain ⛰ mountain_bicyclist 🚵
mountain_cableway 🚠 mountain_railway 🚞 mountain_snow 🏔 mouse 🐭 mouse2 🐁 mouse_trap 🪤 movie_camera 🎥 moyai 🗿
mrs_claus 🤶 muscle 💪 mushroom 🍄 musical_keyboard 🎹 musical_note 🎵 musical_score 🎼 mute 🔇 nail_care 💅
name_badge 📛 national_park 🏞 nauseated_face 🤢 nazar_amulet 🧿 necktie 👔 negative_squared_cross_mark ❎
nerd_face 🤓 nest_with_eggs 🪺 nesting_dolls 🪆 neutral_face 😐 new 🆕 new_moon 🌑 new_moon_with_face 🌚
newspaper 📰 newspaper_roll 🗞 next_track_button ⏭ ng 🆖 night_with_stars 🌃 ninja 🥷 no_bell 🔕 no_bicycles 🚳
no_entry ⛔ no_entry_sign 🚫 no_good 🙅 no_mobile_phones 📵 no_mouth 😶 no_pedestrians 🚷 no_smoking 🚭
non-potable_water 🚱 nose 👃 notebook 📓 notebook_with_decorative_cover 📔 notes 🎶 nut_and_bolt 🔩 o ⭕ o2 🅾
ocean 🌊 octopus 🐙 oden 🍢 office 🏢 oil_drum 🛢 ok 🆗 ok_hand 👌 ok_person 🙆 old_key 🗝 older_adult 🧓
older_man 👴 older_woman 👵 olive 🫒 om 🕉 on 🔛 oncoming_automobile 🚘 oncoming_bus 🚍 oncoming_police_car 🚔
oncoming_taxi 🚖 one_piece_swimsuit 🩱 onion 🧅 open_book 📖 open_file_folder 📂 open_hands 👐 open_mouth 😮
open_umbrella ☂ ophiuchus ⛎ orange 🍊 orange_book 📙 orange_circle 🟠 orange_heart 🧡 orange_square 🟧 orangutan 🦧
orthodox_cross ☦ otter 🦦 outbox_tray 📤 owl 🦉 ox 🐂 oyster 🦪 package 📦 page_facing_up 📄 page_with_curl 📃
pager 📟 paintbrush 🖌 palm_down_hand 🫳 palm_tree 🌴 palm_up_hand 🫴 palms_up_together 🤲 pancakes 🥞 panda_face 🐼
paperclip 📎 paperclips 🖇 parachute 🪂 parasol_on_ground ⛱ parking 🅿 parrot 🦜 part_alternation_mark 〽
partly_sunny ⛅ partying_face 🥳 passenger_ship 🛳 passport_control 🛂 pause_button ⏸ paw_prints 🐾 pea_pod 🫛
peace_symbol ☮ peach 🍑 peacock 🦚 peanuts 🥜 pear 🍐 pen 🖊 pencil 📝 pencil2 ✏ penguin 🐧 pensive 😔
people_hugging 🫂 performing_arts 🎭 persevere 😣 person_fencing 🤺 person_in_tuxedo 🤵 person_with_crown 🫅
person_with_turban 👳 person_with_veil 👰 petri_dish 🧫 phone ☎ pick ⛏ pickup_truck 🛻 pie 🥧 pig 🐷 pig2 🐖
pig_nose 🐽 pill 💊 pinata 🪅 pinched_fingers 🤌 pinching_hand 🤏 pineapple 🍍 ping_pong 🏓 pink_heart 🩷 pisces ♓
pizza 🍕 placard 🪧 place_of_worship 🛐 plate_with_cutlery 🍽 play_or_pause_button ⏯ playground_slide 🛝
pleading_face 🥺 plunger 🪠 point_down 👇 point_left 👈 point_right 👉 point_up ☝ point_up_2 👆 police_car 🚓
police_officer 👮 poodle 🐩 poop 💩 popcorn 🍿 post_office 🏣 postal_horn 📯 postbox 📮 potable_water 🚰 potato 🥔
potted_plant 🪴 pouch 👝 poultry_leg 🍗 pound 💷 pouring_liquid 🫗 pout 😡 pouting_cat 😾 pouting_face 🙎 pray 🙏
prayer_beads 📿 pregnant_man 🫃 pregnant_person 🫄 pregnant_woman 🤰 pretzel 🥨 previous_track_button ⏮ prince 🤴
princess 👸 printer 🖨 probing_cane 🦯 punch 👊 purple_circle 🟣 purple_heart 💜 purple_square 🟪 purse 👛
pushpin 📌 put_litter_in_its_place 🚮 question ❓ rabbit 🐰 rabbit2 🐇 raccoon 🦝 racehorse 🐎 racing_car 🏎 radio 📻
radio_button 🔘 radioactive ☢ rage 😡 railway_car 🚃 railway_track 🛤 rainbow 🌈 raised_back_of_hand 🤚
raised_eyebrow 🤨 raised_hand ✋ raised_hand_with_fingers_splayed 🖐 raised_hands 🙌 raising_hand 🙋 ram 🐏 ramen 🍜
rat 🐀 razor 🪒 receipt 🧾 record_button ⏺ recycle ♻ red_car 🚗 red_circle 🔴 red_envelope 🧧 red_square 🟥
registered ® relaxed ☺ relieved 😌 reminder_ribbon 🎗 repeat 🔁 repeat_one 🔂 rescue_worker_helmet ⛑ restroom 🚻
revolving_hearts 💞 rewind ⏪ rhinoceros 🦏 ribbon 🎀 rice 🍚 rice_ball 🍙 rice_cracker 🍘 rice_scene 🎑
right_anger_bubble 🗯 rightwards_hand 🫱 rightwards_pushing_hand 🫸 ring 💍 ring_buoy 🛟 ringed_planet 🪐 robot 🤖
rock 🪨 rocket 🚀 rofl 🤣 roll_eyes 🙄 roll_of_paper 🧻 roller_coaster 🎢 roller_skate 🛼 rooster 🐓 rose 🌹
rosette 🏵 rotating_light 🚨 round_pushpin 📍 rowboat 🚣 rugby_football 🏉 runner 🏃 running 🏃
running_shirt_with_sash 🎽 sa 🈂 safety_pin 🧷 safety_vest 🦺 sagittarius ♐ sailboat ⛵ sake 🍶 salt 🧂
saluting_face 🫡 sandal 👡 sandwich 🥪 santa 🎅 sari 🥻 satellite 📡 satisfied 😆 sauna_person 🧖 sauropod 🦕
saxophone 🎷 scarf 🧣 school 🏫 school_satchel 🎒 scissors ✂ scorpion 🦂 scorpius ♏ scream 😱 scream_cat 🙀
screwdriver 🪛 scroll 📜 seal 🦭 seat 💺 secret ㊙ see_no_evil 🙈 seedling 🌱 selfie 🤳 sewing_needle 🪡
shaking_face 🫨 shallow_pan_of_food 🥘 shamrock ☘ shark 🦈 shaved_ice 🍧 sheep 🐑 shell 🐚 shield 🛡 shinto_shrine ⛩
ship 🚢 shirt 👕 shit 💩 shoe 👞 shopping 🛍 shopping_cart 🛒 shorts 🩳 shower 🚿 shrimp 🦐 shrug 🤷
shushing_face 🤫 signal_strength 📶 six_pointed_star 🔯 skateboard 🛹 ski 🎿 skier ⛷ skull 💀 skull_and_crossbones ☠
skunk 🦨 sled 🛷 sleeping 😴 sleeping_bed 🛌 sleepy 😪 slightly_frowning_face 🙁 slightly_smiling_face 🙂
slot_machine 🎰 sloth 🦥 small_airplane 🛩 small_blue_diamond 🔹 small_orange_diamond 🔸 small_red_triangle 🔺
small_red_triangle_down 🔻 smile 😄 smile_cat 😸 smiley 😃 smiley_cat 😺 smiling_face_with_tear 🥲
smiling_face_with_three_hearts 🥰 smiling_imp 😈 smirk 😏 smirk_cat 😼 smoking 🚬 snail 🐌 snake 🐍 sneezing_face 🤧
snowboarder 🏂 snowflake ❄ snowman ⛄ snowman_with_snow ☃ soap 🧼 sob 😭 soccer ⚽ socks 🧦 softball 🥎 soon 🔜 sos 🆘
sound 🔉 space_invader 👾 spades ♠ spaghetti 🍝 sparkle ❇ sparkler 🎇 sparkles ✨ sparkling_heart 💖 speak_no_evil 🙊
speaker 🔈 speaking_head 🗣 speech_balloon 💬 speedboat 🚤 spider 🕷 spider_web 🕸 spiral_calendar 🗓
spiral_notepad 🗒 sponge 🧽 spoon 🥄 squid 🦑 stadium 🏟 standing_person 🧍 star ⭐ star2 🌟 star_and_crescent ☪
star_of_david ✡ star_struck 🤩 stars 🌠 station 🚉 statue_of_liberty 🗽 steam_locomotive 🚂 stethoscope 🩺 stew 🍲
stop_button ⏹ stop_sign 🛑 stopwatch ⏱ straight_ruler 📏 strawberry 🍓 stuck_out_tongue 😛
stuck_out_tongue_closed_eyes 😝 stuck_out_tongue_winking_eye 😜 studio_microphone 🎙 stuffed_flatbread 🥙
sun_behind_large_cloud 🌥 sun_behind_rain_cloud 🌦 sun_behind_small_cloud 🌤 sun_with_face 🌞 sunflower 🌻
sunglasses 😎 sunny ☀ sunrise 🌅 sunrise_over_mountains 🌄 superhero 🦸 supervillain 🦹 surfer 🏄 sushi 🍣
suspension_railway 🚟 swan 🦢 sweat 😓 sweat_drops 💦 sweat_smile 😅 sweet_potato 🍠 swim_brief 🩲 swimmer 🏊
symbols 🔣 synagogue 🕍 syringe 💉 t-rex 🦖 taco 🌮 tada 🎉 takeout_box 🥡 tamale 🫔 tanabata_tree 🎋 tangerine 🍊
taurus ♉ taxi 🚕 tea 🍵 teapot 🫖 teddy_bear 🧸 telephone ☎ telephone_receiver 📞 telescope 🔭 tennis 🎾 tent ⛺
test_tube 🧪 thermometer 🌡 thinking 🤔 thong_sandal 🩴 thought_balloon 💭 thread 🧵 thumbsdown 👎 thumbsup 👍
ticket 🎫 tickets 🎟 tiger 🐯 tiger2 🐅 timer_clock ⏲ tipping_hand_person 💁 tired_face 😫 tm ™ toilet 🚽
tokyo_tower 🗼 tomato 🍅 tongue 👅 toolbox 🧰 tooth 🦷 toothbrush 🪥 top 🔝 tophat 🎩 tornado 🌪 trackball 🖲
tractor 🚜 traffic_light 🚥 train 🚋 train2 🚆 tram 🚊 transgender_symbol ⚧ triangular_flag_on_post 🚩
triangular_ruler 📐 trident 🔱 triumph 😤 troll 🧌 trolleybus 🚎 trophy 🏆 tropical_drink 🍹 tropical_fish 🐠
truck 🚚 trumpet 🎺 tshirt 👕 tulip 🌷 tumbler_glass 🥃 turkey 🦃 turtle 🐢 tv 📺 twisted_rightwards_arrows 🔀
two_hearts 💕 two_men_holding_hands 👬 two_women_holding_hands 👭 u5272 🈹 u5408 🈴 u55b6 🈺 u6307 🈯 u6708 🈷
u6709 🈶 u6e80 🈵 u7121 🈚 u7533 🈸 u7981 🈲 u7a7a 🈳 umbrella ☔ unamused 😒 underage 🔞 unicorn 🦄 unlock 🔓 up 🆙
upside_down_face 🙃 v ✌ vampire 🧛 vertical_traffic_light 🚦 vhs 📼 vibration_mode 📳 video_camera 📹 video_game 🎮
violin 🎻 virgo ♍ volcano 🌋 volleyball 🏐 vomiting_face 🤮 vs 🆚 vulcan_salute 🖖 waffle 🧇 walking 🚶
waning_crescent_moon 🌘 waning_gibbous_moon 🌖 warning ⚠ wastebasket 🗑 watch ⌚ water_buffalo 🐃 water_polo 🤽
watermelon 🍉 wave 👋 wavy_dash 〰 waxing_crescent_moon 🌒 waxing_gibbous_moon 🌔 wc 🚾 weary 😩 wedding 💒
weight_lifting 🏋 whale 🐳 whale2 🐋 wheel 🛞 wheel_of_dharma ☸ wheelchair ♿ white_check_mark ✅ white_circle ⚪
white_flag 🏳 white_flower 💮 white_heart 🤍 white_large_square ⬜ white_medium_small_square ◽ white_medium_square ◻
white_small_square ▫ white_square_button 🔳 wilted_flower 🥀 wind_chime 🎐 wind_face 🌬 window 🪟 wine_glass 🍷
wing 🪽 wink 😉 wireless 🛜 wolf 🐺 woman 👩 woman_dancing 💃 woman_with_headscarf 🧕 womans_clothes 👚
womans_hat 👒 womens 🚺 wood 🪵 woozy_face 🥴 world_map 🗺 worm 🪱 worried 😟 wrench 🔧 wrestling 🤼 writing_hand ✍
x ❌ x_ray 🩻 yarn 🧶 yawning_face 🥱 yellow_circle 🟡 yellow_heart 💛 yellow_square 🟨 yen 💴 yin_yang ☯ yo_yo 🪀
yum 😋 zany_face 🤪 zap ⚡ zebra 🦓 zipper_mouth_face 🤐 zombie 🧟 zzz 💤
`;
