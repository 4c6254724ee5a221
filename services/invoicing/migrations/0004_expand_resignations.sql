-- What the members service said: who left, and on which day.

alter table member_standing add column resigned_on date;
